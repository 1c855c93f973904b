using Sweep.Execution.Identification;
using Sweep.Models.Steering;

namespace Sweep.Execution.Tests.Identification;

public sealed class ChannelRankingTests
{
    [Fact]
    public void Top_OfScores_TakesTheHighestAndOfEqualsTheLowestNumbers() =>
        Assert.Equal([1, 2, 4], ChannelRanking.Top([0.1, 3, 0.5, null, 0.5, 0.5], 3));

    [Fact]
    public void Top_BeyondTheKnownScores_TakesUnknownOnesLast() => Assert.Equal([0, 2], ChannelRanking.Top([null, null, -5], 2));

    [Fact]
    public void Stability_OfHalves_ComparesChoicesAndRanks()
    {
        var ranking = Ranking() with { Halves = ([4, 3, 2, 1], [3, 4, 1, 2]) };

        var stability = ranking.Stability(3);

        Assert.Equal(0.5, stability.Jaccard);

        // Ranks 4321 and 3412: 1 − 6·4 / (4·15).
        Assert.Equal(0.6, stability.RankCorrelation!.Value, 12);
    }

    [Fact]
    public void Stability_WithoutASecondHalf_IsUnknown() =>
        Assert.Equal((null, null), (Ranking().Stability(2).Jaccard, Ranking().Stability(2).RankCorrelation));

    private static ChannelRanking Ranking() => new() { Recipe = "variance", Layer = 1, Site = Site.Delta, Scores = [1, 2, 3, 4], Halves = null };
}
