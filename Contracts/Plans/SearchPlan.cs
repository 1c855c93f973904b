namespace Sweep.Contracts.Plans;

/// <summary>How scalars are searched. A plan without it runs the full grid: every scalar on every item.</summary>
public sealed record SearchPlan
{
    /// <summary>The full grid; as good as saying nothing.</summary>
    public const string Grid = "grid";

    /// <summary>Scalars are chosen on a few selection items by log-likelihood; the test split sees each set at its choice alone.</summary>
    public const string Screening = "screening";

    /// <summary>Of the sweep that a screening begins with; no plan's text says it.</summary>
    public const string Screen = "screen";

    /// <summary>Of the sweep in which a plan's recipes over items are measured, see <see cref="ImpactStages"/>; no plan's text says it.</summary>
    public const string Impact = "impact";

    /// <summary>Selection items of a benchmark where nothing else is said.</summary>
    public const int UsualItems = 32;

    /// <summary>One of <see cref="PlanWords.Searches"/>.</summary>
    public required string Method { get; init; }

    /// <summary>Of screening: at most so many selection items a benchmark. A plan's text that does not say has 32.</summary>
    public int? Items { get; init; }
}
