using Sweep.Contracts.Plans;

namespace Sweep.Contracts.Execution;

/// <summary>What a plan would come to, without running it and without running a model.</summary>
public interface IPlanEstimator
{
    /// <exception cref="InvalidPlanException">Every problem of its files.</exception>
    Task<PlanEstimate> EstimateAsync(SweepPlan plan, CancellationToken cancellationToken);
}

/// <summary>Jobs, cost, saved work and power of a plan.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.PlanEstimate")]
public sealed record PlanEstimate
{
    [Id(0)]
    public required int Jobs { get; init; }

    [Id(1)]
    public required int Batches { get; init; }

    /// <summary>(job, item) pairs to run.</summary>
    [Id(2)]
    public required long Rows { get; init; }

    /// <summary>Pairs that the ledger holds already.</summary>
    [Id(3)]
    public required long RowsRecorded { get; init; }

    /// <summary>Share of the work that shared prefixes save, 0..1.</summary>
    [Id(4)]
    public required double SavedShare { get; init; }

    /// <summary>On one device, at the speed that is assumed for it.</summary>
    [Id(5)]
    public required double Seconds { get; init; }

    /// <summary>Of a search: these are at most, in its last stage.</summary>
    [Id(6)]
    public bool IsUpperBound { get; init; }

    /// <summary>One a benchmark that is scored in shares.</summary>
    [Id(7)]
    public required IReadOnlyList<DetectableEffect> Power { get; init; }

    /// <summary>The smallest corrected p that ranks among random controls can have; null: there are no controls.</summary>
    [Id(8)]
    public double? SmallestRankP { get; init; }
}

/// <summary>What a benchmark's test items can show with 80 % power at 5 %.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.DetectableEffect")]
public sealed record DetectableEffect
{
    /// <summary>Its label.</summary>
    [Id(0)]
    public required string Benchmark { get; init; }

    /// <summary>On the test split.</summary>
    [Id(1)]
    public required int Items { get; init; }

    /// <summary>On the test split.</summary>
    [Id(2)]
    public required int Groups { get; init; }

    /// <summary>If steering makes nothing worse; null: they are too few for any.</summary>
    [Id(3)]
    public double? Least { get; init; }

    /// <summary>If it turns a quarter of the answers, either way; null: they are too few for any.</summary>
    [Id(4)]
    public double? Usual { get; init; }
}
