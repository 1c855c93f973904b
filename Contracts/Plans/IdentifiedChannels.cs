namespace Sweep.Contracts.Plans;

/// <summary>
/// How a sweep's channels were found: every channel's score at every place that was ranked, and what its places are like over the calibration text. Kept beside the resolved plan, for people; no
/// result depends on it.
/// </summary>
public sealed record IdentifiedChannels
{
    /// <summary>Of each model of the plan: whose channels these are.</summary>
    public required IReadOnlyList<string> WeightsHashes { get; init; }

    /// <summary>One a model, place and recipe.</summary>
    public required IReadOnlyList<RankedPlace> Ranked { get; init; }

    /// <summary>Every place that was looked at over the calibration text.</summary>
    public required IReadOnlyList<CalibratedPlace> Calibrated { get; init; }

    /// <summary>Where the store keeps it; it goes with the sweep.</summary>
    public static string KeyOf(string sweepId) => $"planning/{sweepId}/channels";
}

/// <summary>The channels of one place by one recipe.</summary>
public sealed record RankedPlace
{
    /// <summary>Index into <see cref="ResolvedPlan.Models"/>.</summary>
    public required int Model { get; init; }

    /// <summary>0-based.</summary>
    public required int Layer { get; init; }

    public required string Site { get; init; }

    /// <summary>For instance "variance".</summary>
    public required string Recipe { get; init; }

    /// <summary>The bottleneck file that it stands in; null: the plan's own recipe.</summary>
    public string? File { get; init; }

    /// <summary>Of every channel of the site, higher is more; null: unknown.</summary>
    public required IReadOnlyList<float?> Scores { get; init; }

    /// <summary>Of a file: the recipe on each half of its texts or items by itself.</summary>
    public HalvesAgreement? Stability { get; init; }

    /// <summary>Of a file: with other recipes at the same layer.</summary>
    public IReadOnlyList<RecipeOverlap>? Overlaps { get; init; }
}

/// <summary>A place over the calibration text.</summary>
public sealed record CalibratedPlace
{
    /// <summary>Index into <see cref="ResolvedPlan.Models"/>.</summary>
    public required int Model { get; init; }

    public required int Layer { get; init; }

    public required string Site { get; init; }

    public required int Channels { get; init; }

    /// <summary>Root of the mean square over positions, texts and channels.</summary>
    public required double RootMeanSquare { get; init; }

    /// <summary>Mean over channels of the variance over texts of the mean over positions.</summary>
    public required double VarianceOverTexts { get; init; }

    /// <summary>(Σv)² / Σv² of the channels' variances over texts: as many as share it alike. Null: nothing varies.</summary>
    public double? EffectiveChannels { get; init; }
}
