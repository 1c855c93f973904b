namespace Sweep.Contracts.Plans;

/// <summary>In a round of a search: what is run of a set on a benchmark, beside the identity, and what became of the other scalars.</summary>
public sealed record ScalarsInRound
{
    /// <summary>Index into <see cref="ResolvedPlan.Benchmarks"/>.</summary>
    public required int Benchmark { get; init; }

    /// <summary>Still in, ascending.</summary>
    public required IReadOnlyList<double> Scalars { get; init; }

    /// <summary>Dropped after rounds before, in their order.</summary>
    public required IReadOnlyList<ScalarTrial> Dropped { get; init; }
}

/// <summary>A scalar that a search tried. That it was dropped is a decision about time, never a finding.</summary>
public sealed record ScalarTrial
{
    public required double Scalar { get; init; }

    /// <summary>The round after which it was dropped; null: it was in to the end.</summary>
    public int? DroppedAfter { get; init; }

    /// <summary>Selection items that it was run on.</summary>
    public required int Items { get; init; }

    /// <summary>Mean effect there on what scalars are chosen by: nats an item where golds have log-likelihoods, else the score. Null: an item diverged.</summary>
    public double? Effect { get; init; }

    /// <summary>Items that diverged.</summary>
    public int Diverged { get; init; }
}

/// <summary>A round of a search as a whole.</summary>
public sealed record SearchRound
{
    /// <summary>Id of its sweep.</summary>
    public required string Stage { get; init; }

    /// <summary>Selection items a benchmark, at most, those of the rounds before included.</summary>
    public required int Items { get; init; }

    /// <summary>Set × scalar × benchmark × model that were in, identities not counted.</summary>
    public required long Configurations { get; init; }

    /// <summary>Those that no round before had.</summary>
    public required long ItemRuns { get; init; }
}
