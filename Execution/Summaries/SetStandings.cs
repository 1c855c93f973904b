namespace Sweep.Execution.Summaries;

/// <summary>A set's scalars on a benchmark as the selection split tells them apart.</summary>
internal sealed record SetStandings
{
    /// <summary>Index into the benchmarks of what was run.</summary>
    public required int Benchmark { get; init; }

    /// <summary>The first is what would be chosen.</summary>
    public required IReadOnlyList<ScalarStanding> BestFirst { get; init; }

    /// <summary>Without the identity, and without ablations, which have no scalar.</summary>
    public IEnumerable<ScalarStanding> Steered => BestFirst.Where(standing => standing is { IsIdentity: false, Scalar: not null });
}

/// <summary>What is known of one of them.</summary>
internal sealed record ScalarStanding
{
    public required double? Scalar { get; init; }

    /// <summary>It is the baseline.</summary>
    public required bool IsIdentity { get; init; }

    /// <summary>Selection items that it was run on.</summary>
    public required int Items { get; init; }

    /// <summary>Mean effect on what scalars are chosen by; null: an item diverged or is missing.</summary>
    public double? Effect { get; init; }

    /// <summary>Its standard error; null: there is none, or fewer than two groups to tell it by.</summary>
    public double? Error { get; init; }

    public required int Diverged { get; init; }
}
