using Sweep.Contracts.Plans;

namespace Sweep.Contracts.Results;

/// <summary>What became of a claim.</summary>
public enum HypothesisOutcome
{
    /// <summary>Neither shown to hold nor to fail; also where something of it was not measured.</summary>
    Undecided,

    /// <summary>It holds in every part.</summary>
    Confirmed,

    /// <summary>It fails in at least one part.</summary>
    Refuted,
}

/// <summary>A hypothesis of the plan and what the sweep says of it.</summary>
public sealed record HypothesisResult
{
    public required HypothesisPlan Hypothesis { get; init; }

    public required HypothesisOutcome Outcome { get; init; }

    /// <summary>One a model, benchmark and bottleneck that it is compared with; it must hold in each.</summary>
    public required IReadOnlyList<HypothesisPart> Parts { get; init; }
}

/// <summary>One of the comparisons that a hypothesis is about.</summary>
public sealed record HypothesisPart
{
    public required string Model { get; init; }

    public required string Benchmark { get; init; }

    /// <summary>The other bottleneck; null: no steering, or controls.</summary>
    public string? Than { get; init; }

    public required HypothesisOutcome Outcome { get; init; }

    /// <summary>Of <see cref="Effect"/>.</summary>
    public required ScoreUnit Unit { get; init; }

    /// <summary>On the test split; null where nothing was measured.</summary>
    public double? Effect { get; init; }

    /// <summary>
    /// Corrected: of the primary metric against the baseline the row's p in the family of all rows; of another metric, scalar or bottleneck that of the family of all such comparisons; of ranks the
    /// row's corrected p.
    /// </summary>
    public double? P { get; init; }

    /// <summary>That of the hypothesis, or the one that selection chose.</summary>
    public double? Scalar { get; init; }

    /// <summary>Why, where effect and p do not say it.</summary>
    public string? Reason { get; init; }
}
