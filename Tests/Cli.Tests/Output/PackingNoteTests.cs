using Sweep.Cli.Output;
using Sweep.Contracts.Results;
using Xunit;

namespace Sweep.Cli.Tests.Output;

public sealed class PackingNoteTests
{
    [Fact]
    public void Of_RowsWithoutPairs_IsNothing() => Assert.Null(PackingNote.Of(Summaries.Of([], Summaries.Cell("squad", "one", 0.5, 0.25))));

    [Fact]
    public void Of_RowsWithPairs_CountsFlipsAndNamesTheLargestMove()
    {
        var note = PackingNote.Of(Summaries.Of([], Paired("squad", 2, 0.00125), Paired("drop", 1, 0.5), Summaries.Cell("squad", "baseline", null, 0)));

        Assert.Contains("Of 176 pairs 3 flipped; log-likelihoods moved by at most 5.0e-1 nats.", note, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_PairsWithoutLogLikelihoods_CountsFlipsOnly() =>
        Assert.EndsWith("Of 88 pairs 0 flipped.", PackingNote.Of(Summaries.Of([], Paired("ifeval", 0, null))), StringComparison.Ordinal);

    private static SummaryCell Paired(string benchmark, int flips, double? noise) => Summaries.Cell(benchmark, "one", 0.5, 0.25) with
    {
        Splits = new Dictionary<string, SplitScores> { ["test"] = new() { N = 88, Baseline = 0.5, Steered = 0.75, Effect = 0.25, Flips = flips, PackingNoise = noise, WithinNoise = false } },
    };
}
