using Sweep.Contracts.Jobs;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Persistence.Audits;

/// <summary>What an audit found: whether each job's ledger rows are exactly its item set, and whether the rows, the attempts and the batches tell the same story.</summary>
public sealed record SweepAudit
{
    public required string Sweep { get; init; }

    public required SweepState State { get; init; }

    /// <summary>No problem was found.</summary>
    public bool Clean => Problems.Count == 0;

    /// <summary>What must not be, one line each. What is missing with a reason is none.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>Jobs of the plan.</summary>
    public required int Jobs { get; init; }

    /// <summary>(job, item) pairs of the plan.</summary>
    public required long RowsExpected { get; init; }

    public required long RowsRecorded { get; init; }

    /// <summary>Rows that these jobs have of items of other sweeps' item sets.</summary>
    public required long RowsOfOtherItemSets { get; init; }

    /// <summary>Jobs that lack rows.</summary>
    public required IReadOnlyList<IncompleteJob> Incomplete { get; init; }

    public required RowAccount Account { get; init; }

    public required OrphanCounts Orphans { get; init; }

    /// <summary>Batches by status.</summary>
    public required IReadOnlyDictionary<BatchStatus, int> Batches { get; init; }

    /// <summary>Every grant of every batch, in order.</summary>
    public required IReadOnlyList<AttemptRecord> Attempts { get; init; }
}

/// <summary>A job that lacks rows.</summary>
public sealed record IncompleteJob
{
    public required JobId Job { get; init; }

    /// <summary>The benchmark's name in the plan.</summary>
    public required string Benchmark { get; init; }

    public required int Expected { get; init; }

    public required int Missing { get; init; }

    /// <summary>Why, each reason once; empty where nothing says why.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }
}

/// <summary>Where the rows of the sweep's jobs come from.</summary>
public sealed record RowAccount
{
    /// <summary>Rows that this sweep's attempts say they wrote.</summary>
    public required long Accepted { get; init; }

    /// <summary>Rows in the ledger that carry the mark of one of this sweep's attempts.</summary>
    public required long Marked { get; init; }

    /// <summary>Rows that came from these attempts when the ledger had them already.</summary>
    public required long Shared { get; init; }

    /// <summary>Rows that came under a stale token and were not written, by the attempts' own count.</summary>
    public required long Rejected { get; init; }

    /// <summary>The same by the sweep's count.</summary>
    public required long LateWrites { get; init; }

    /// <summary>Rows that another sweep's attempts wrote.</summary>
    public required long OfOtherSweeps { get; init; }

    /// <summary>Rows of attempts that the store has no longer: of sweeps that were removed.</summary>
    public required long OfRemovedSweeps { get; init; }

    /// <summary>Rows of a version of Sweep that did not mark them.</summary>
    public required long Unmarked { get; init; }
}

/// <summary>Rows of the whole store that refer to nothing.</summary>
public sealed record OrphanCounts
{
    public required long RowsWithoutJob { get; init; }

    public required long RowsWithoutItem { get; init; }

    public required long SweepJobsWithoutJob { get; init; }

    public required long BatchesWithoutSweep { get; init; }

    public required long AttemptsWithoutBatch { get; init; }

    public long Total => RowsWithoutJob + RowsWithoutItem + SweepJobsWithoutJob + BatchesWithoutSweep + AttemptsWithoutBatch;
}

/// <summary>A grant and how it ended.</summary>
public sealed record AttemptRecord
{
    public required string BatchId { get; init; }

    public required long Token { get; init; }

    public required string WorkerId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Null: it goes on, or its process was killed.</summary>
    public string? Outcome { get; init; }

    public string? Reason { get; init; }

    public required int RowsAccepted { get; init; }

    public required int RowsShared { get; init; }

    public required int RowsRejected { get; init; }

    public required long Tokens { get; init; }

    public required double DeviceSeconds { get; init; }
}

/// <summary>Recorded rows that an audit has drawn, to be run again.</summary>
public sealed record AuditSample
{
    /// <summary>Each with its job.</summary>
    public required IReadOnlyList<(JobSpec Job, ItemResult Row)> Rows { get; init; }
}
