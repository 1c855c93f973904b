using Sweep.Contracts.Jobs;
using Sweep.Contracts.Store;

namespace Sweep.Persistence.Audits;

/// <summary>A store whose rows can be audited.</summary>
internal interface IAuditedRows
{
    /// <summary>Runs the audit on one moment's state of the store, whatever others write meanwhile.</summary>
    Task<T> AtOneMomentAsync<T>(Func<IAuditReader, Task<T>> audit, CancellationToken cancellationToken);
}

/// <summary>The rows of one moment.</summary>
internal interface IAuditReader
{
    Task<(SweepState State, string? Reason, long LateWrites)> ReadSweepAsync(string sweepId);

    /// <summary>The jobs that the store has for the sweep, with the benchmarks whose items they run on.</summary>
    Task<HashSet<(JobId Job, int Benchmark)>> ReadJobsAsync(string sweepId);

    Task<IReadOnlyList<AuditedBatch>> ReadBatchesAsync(string sweepId);

    Task<IReadOnlyList<AttemptRecord>> ReadAttemptsAsync(string sweepId);

    /// <summary>Batch and token of every attempt of every other sweep.</summary>
    Task<IReadOnlyList<(string BatchId, long Token)>> ReadOtherAttemptsAsync(string sweepId);

    /// <summary>Each ledger row of these jobs, with the mark of its attempt.</summary>
    Task EachRowAsync(IReadOnlyList<JobId> jobs, Action<JobId, string, long?> row);

    Task<OrphanCounts> CountOrphansAsync();
}

/// <summary>A batch and what is in it.</summary>
internal sealed record AuditedBatch
{
    public required string Id { get; init; }

    public required BatchStatus Status { get; init; }

    public required long Token { get; init; }

    public required int Attempts { get; init; }

    public string? Reason { get; init; }

    public required IReadOnlyList<JobId> Jobs { get; init; }

    public required IReadOnlySet<string> Items { get; init; }
}
