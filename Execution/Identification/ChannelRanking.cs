using Sweep.Contracts.Plans;
using Sweep.Evaluation.Statistics;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>The channels of one site of one layer by one recipe.</summary>
internal sealed record ChannelRanking
{
    public required string Recipe { get; init; }

    public required int Layer { get; init; }

    public required Site Site { get; init; }

    /// <summary>A channel; null: unknown.</summary>
    public required IReadOnlyList<double?> Scores { get; init; }

    /// <summary>The same over each half of the texts or items alone; null: there is nothing in it.</summary>
    public required (IReadOnlyList<double?> Even, IReadOnlyList<double?> Odd)? Halves { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<double?>>? Effects { get; init; }

    /// <summary>The channels, where they are a group and not the highest scores.</summary>
    public IReadOnlyList<int>? Members { get; init; }

    /// <summary>Over items, too, the means of the texts are looked at.</summary>
    public bool UsesTexts => !IsOverItems || Recipe == ImpactRecipes.MeanAblation;

    /// <summary>Over items, not texts.</summary>
    public bool IsOverItems { get; init; }

    /// <summary>The channels of highest score, or of the group, ascending by number.</summary>
    public int[] Top(int count) => Members is { } members ? [.. members] : Top(Scores, count);

    public HalvesAgreement Stability(int count) => Halves is not { } halves
        ? new HalvesAgreement()
        : new HalvesAgreement
        {
            Jaccard = Agreement.Jaccard(Top(halves.Even, count), Top(halves.Odd, count)),
            RankCorrelation = Agreement.Spearman(halves.Even, halves.Odd),
        };

    /// <summary>Among equals the lower number wins; unknown scores come last.</summary>
    public static int[] Top(IReadOnlyList<double?> scores, int count) =>
        [.. Enumerable.Range(0, scores.Count).OrderByDescending(channel => scores[channel] ?? double.NegativeInfinity).ThenBy(channel => channel).Take(count).Order()];
}
