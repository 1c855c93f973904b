using Sweep.Contracts.Json;

namespace Sweep.Contracts.Plans;

/// <summary>
/// Channels that an identification found, as a file: with what, on what, how sure. A plan names it as the channels of a bottleneck. The JSON form is
/// <see cref="SweepJson"/>'s.
/// </summary>
public sealed record BottleneckFile
{
    public const string CurrentFormat = "sweep-bottleneck/1";

    /// <summary><see cref="CurrentFormat"/>; another one is refused.</summary>
    public required string Format { get; init; }

    /// <summary>The score that channels are ranked by, for instance "variance".</summary>
    public required string Recipe { get; init; }

    /// <summary>Name of the model's folder, for people.</summary>
    public required string Model { get; init; }

    public required string WeightsHash { get; init; }

    public required string TokenizerHash { get; init; }

    public required string Precision { get; init; }

    /// <summary>What it was computed with; see <see cref="Jobs.NumericsIds"/>.</summary>
    public required string NumericsId { get; init; }

    /// <summary>0-based.</summary>
    public required int Layer { get; init; }

    public required string Site { get; init; }

    /// <summary>The channels of highest score, ascending by number.</summary>
    public required IReadOnlyList<int> Channels { get; init; }

    /// <summary>Of every channel of the site, higher is more; null: unknown, which ranks last.</summary>
    public required IReadOnlyList<double?> Scores { get; init; }

    /// <summary>What the scores come from, where that is more than the score: by name (a scalar, "ablated", a kind of gradient) a signed mean a channel of its effect on the gold log-likelihood, nats.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double?>>? Effects { get; init; }

    /// <summary>The texts that it was computed over; null: none.</summary>
    public IdentificationTexts? Texts { get; init; }

    /// <summary>The benchmark items that it was computed over, all of the selection split; null: none.</summary>
    public IdentificationItems? Items { get; init; }

    /// <summary>With every other recipe of the same run at the same layer whose site has as many channels.</summary>
    public required IReadOnlyList<RecipeOverlap> Overlaps { get; init; }

    public required HalvesAgreement Stability { get; init; }
}

/// <summary>Texts of an identification.</summary>
public sealed record IdentificationTexts
{
    /// <summary>SHA-256 of the file.</summary>
    public required string DataHash { get; init; }

    public string? Half { get; init; }

    public required int MaxTokens { get; init; }

    /// <summary>Tokens read.</summary>
    public required long Positions { get; init; }

    /// <summary>SHA-256 of each document's text with every run of white space as one space: a plan must not measure on them.</summary>
    public required IReadOnlyList<string> Documents { get; init; }
}

/// <summary>Items of an identification.</summary>
public sealed record IdentificationItems
{
    /// <summary>Seed of the split, as in plans.</summary>
    public required long Seed { get; init; }

    public int? ContextLimit { get; init; }

    public required IReadOnlyList<IdentificationBenchmark> Benchmarks { get; init; }
}

/// <summary>One benchmark of <see cref="IdentificationItems"/>.</summary>
public sealed record IdentificationBenchmark
{
    /// <summary>Its kind, for instance "squad".</summary>
    public required string Name { get; init; }

    public required string DataHash { get; init; }

    public required string PromptVersion { get; init; }

    public required SplitPlan Split { get; init; }

    /// <summary>Items used.</summary>
    public required IReadOnlyList<string> Ids { get; init; }

    /// <summary>Groups that they are of, distinct: a plan must not report on them.</summary>
    public required IReadOnlyList<string> Groups { get; init; }
}

/// <summary>How far another recipe chose the same channels.</summary>
public sealed record RecipeOverlap
{
    public required string Recipe { get; init; }

    public required string Site { get; init; }

    /// <summary>Channels in both over channels in either.</summary>
    public required double Jaccard { get; init; }
}

/// <summary>The recipe on each half of its texts or items by itself.</summary>
public sealed record HalvesAgreement
{
    /// <summary>Of the two halves' chosen channels; null: one half is empty.</summary>
    public double? Jaccard { get; init; }

    /// <summary>Spearman's, of the two halves' scores over channels that both know; null: undefined.</summary>
    public double? RankCorrelation { get; init; }
}
