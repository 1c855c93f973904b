using Sweep.Contracts.Plans;

namespace Sweep.Contracts.Execution;

/// <summary>What a plan would come to, without running it and without running a model.</summary>
public interface IPlanEstimator
{
    /// <exception cref="InvalidPlanException">Every problem of its files.</exception>
    Task<PlanEstimate> EstimateAsync(SweepPlan plan, CancellationToken cancellationToken);
}

/// <summary>Jobs, cost, saved work and power of a plan.</summary>
public sealed record PlanEstimate
{
    public required int Jobs { get; init; }

    public required int Batches { get; init; }

    /// <summary>(job, item) pairs to run.</summary>
    public required long Rows { get; init; }

    /// <summary>Pairs that the ledger holds already.</summary>
    public required long RowsRecorded { get; init; }

    /// <summary>Share of the work that shared prefixes save, 0..1.</summary>
    public required double SavedShare { get; init; }

    /// <summary>On one device, at the speed that is assumed for it.</summary>
    public required double Seconds { get; init; }

    /// <summary>Of a search: these are at most, in its last stage.</summary>
    public bool IsUpperBound { get; init; }

    /// <summary>One a benchmark that is scored in shares.</summary>
    public required IReadOnlyList<DetectableEffect> Power { get; init; }

    /// <summary>The smallest corrected p that ranks among random controls can have; null: there are no controls.</summary>
    public double? SmallestRankP { get; init; }
}

/// <summary>What a benchmark's test items can show with 80 % power at 5 %.</summary>
/// <param name="Benchmark">Its label.</param>
/// <param name="Items">On the test split.</param>
/// <param name="Groups">On the test split.</param>
/// <param name="Least">If steering makes nothing worse; null: they are too few for any.</param>
/// <param name="Usual">If it turns a quarter of the answers, either way; null: they are too few for any.</param>
public sealed record DetectableEffect(string Benchmark, int Items, int Groups, double? Least, double? Usual);
