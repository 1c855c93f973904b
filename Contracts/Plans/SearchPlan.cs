namespace Sweep.Contracts.Plans;

/// <summary>How scalars are searched. A plan without it runs the full grid: every scalar on every item.</summary>
public sealed record SearchPlan
{
    /// <summary>The full grid; as good as saying nothing.</summary>
    public const string Grid = "grid";

    /// <summary>Scalars are chosen on a few selection items by log-likelihood; the test split sees each set at its choice alone.</summary>
    public const string Screening = "screening";

    /// <summary>Scalars are chosen in rounds: after each the better half goes on, on more selection items.</summary>
    public const string Racing = "racing";

    /// <summary>A few scalars are tried, and in each further round the one of which a curve through the effects expects most.</summary>
    public const string Curve = "curve";

    /// <summary>Of the sweep that a screening begins with; no plan's text says it.</summary>
    public const string Screen = "screen";

    /// <summary>Of a round of racing; no plan's text says it.</summary>
    public const string Race = "race";

    /// <summary>Of the sweep in which a plan's recipes over items are measured, see <see cref="ImpactStages"/>; no plan's text says it.</summary>
    public const string Impact = "impact";

    /// <summary>Of a round of a curve; no plan's text says it.</summary>
    public const string Fit = "fit";

    /// <summary>Selection items of a benchmark where a screening or a curve says nothing else.</summary>
    public const int UsualItems = 32;

    /// <summary>What a race saves where nothing else is said.</summary>
    public const double UsualSaving = 4;

    /// <summary>Scalars that a curve begins with where nothing else is said.</summary>
    public const int UsualFirst = 7;

    /// <summary>Rounds of a curve where nothing else is said.</summary>
    public const int UsualRounds = 5;

    /// <summary>One of <see cref="PlanWords.Searches"/>; of a stage an internal word.</summary>
    public required string Method { get; init; }

    /// <summary>At most so many selection items a benchmark. A plan's text that does not say has 32, and for racing all (null).</summary>
    public int? Items { get; init; }

    /// <summary>Of racing: item runs of all scalars on all those items over those of the rounds, at least 1. A plan's text that does not say has 4.</summary>
    public double? Saving { get; init; }

    /// <summary>Of a curve: scalars of the first round, the identity not counted. A plan's text that does not say has 7.</summary>
    public int? First { get; init; }

    /// <summary>Of a curve: rounds, the first one counted. A plan's text that does not say has 5.</summary>
    public int? Rounds { get; init; }

    /// <summary>Of a stage: its round, from 1; no plan's text says it.</summary>
    public int? Round { get; init; }
}
