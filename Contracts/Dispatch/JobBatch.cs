using Sweep.Contracts.Jobs;

namespace Sweep.Contracts.Dispatch;

/// <summary>Jobs of one model on the same items, run together because they share layers; the unit of a lease.</summary>
public sealed record JobBatch
{
    /// <summary>"SWEEP/NUMBER".</summary>
    public required string Id { get; init; }

    public required string SweepId { get; init; }

    public required IReadOnlyList<JobSpec> Jobs { get; init; }

    public required IReadOnlyList<string> ItemIds { get; init; }

    /// <summary>In order of execution; each is committed by itself.</summary>
    public required IReadOnlyList<MicroBatch> MicroBatches { get; init; }

    /// <summary>(job, item) pairs in it.</summary>
    public int Rows => MicroBatches.Sum(micro => micro.ItemCount * micro.JobCount);
}

/// <summary>A rectangle of a batch's items × jobs.</summary>
public sealed record MicroBatch
{
    public required int FirstItem { get; init; }

    public required int ItemCount { get; init; }

    public required int FirstJob { get; init; }

    public required int JobCount { get; init; }
}
