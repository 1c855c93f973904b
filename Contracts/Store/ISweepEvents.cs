using Sweep.Contracts.Jobs;

namespace Sweep.Contracts.Store;

/// <summary>
/// Makes events of changes. The store calls it inside the transaction of the change and writes what it returns into the outbox, so an event exists exactly if its change does.
/// It must be pure and quick: no input or output, no waiting; a transaction that is retried asks again.
/// </summary>
public interface ISweepEvents
{
    /// <summary>A sweep was created.</summary>
    IEnumerable<OutboxEvent> OnSubmitted(SweepRecord sweep);

    /// <summary>A sweep's state was changed.</summary>
    IEnumerable<OutboxEvent> OnStateChanged(SweepStateChange change);

    /// <summary>No batch of this job is left to run.</summary>
    IEnumerable<OutboxEvent> OnJobEnded(JobEnd job);

    /// <summary>A batch ended without completing: faulted, quarantined or canceled.</summary>
    IEnumerable<OutboxEvent> OnBatchSetAside(BatchEnd batch);
}

/// <summary>A sweep after a change of its state.</summary>
public sealed record SweepStateChange
{
    public required SweepRecord Sweep { get; init; }

    /// <summary>The plan's names were resolved; a sweep that faults before is one whose plan was refused.</summary>
    public required bool Resolved { get; init; }
}

/// <summary>A job whose batches of this sweep have all ended.</summary>
public sealed record JobEnd
{
    public required string SweepId { get; init; }

    public required int Ordinal { get; init; }

    public required JobSpec Job { get; init; }

    /// <summary>Index into the resolved plan's benchmarks.</summary>
    public required int Benchmark { get; init; }

    /// <summary>Completed, or how the batch ended that was set aside.</summary>
    public required BatchStatus Outcome { get; init; }

    /// <summary>Why, where it did not complete.</summary>
    public string? Reason { get; init; }
}

/// <summary>How a batch ended.</summary>
public sealed record BatchEnd
{
    public required string SweepId { get; init; }

    public required string BatchId { get; init; }

    public required BatchStatus Status { get; init; }

    public string? Reason { get; init; }

    public required int Attempts { get; init; }

    public required int FailedAttempts { get; init; }

    /// <summary>The worker of its last attempt.</summary>
    public string? WorkerId { get; init; }
}
