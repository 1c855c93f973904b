using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Contracts.Store;

/// <summary>
/// The only authority: sweeps, jobs, batches with their leases, and the ledger of item results. Every method is one transaction; transient failures
/// surface as <see cref="StoreUnavailableException"/> and may be retried.
/// </summary>
public interface ISweepStore : IOutboxStore
{
    /// <summary>Creates the sweep, or returns the one with this id or this submit key; notes the message that asked for it in the same transaction.</summary>
    Task<SubmitOutcome> SubmitAsync(SweepSubmission submission, CancellationToken cancellationToken);

    Task<SweepRecord?> FindSweepAsync(string sweepId, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<SweepRecord>> ListSweepsAsync(CancellationToken cancellationToken);

    /// <summary>Ids of the sweeps that are not at their end, oldest first.</summary>
    Task<IReadOnlyList<string>> ListUnfinishedAsync(CancellationToken cancellationToken);

    /// <summary>
    /// One conditional update: changes the state if it is one of <paramref name="from"/>; false otherwise. With a message, that is noted as handled in either case, and one that
    /// was handled before changes nothing: false.
    /// </summary>
    Task<bool> TrySetStateAsync(string sweepId, IReadOnlyList<SweepState> from, SweepState to, string? reason, InboxMessage? message, CancellationToken cancellationToken);

    Task SaveResolutionAsync(string sweepId, ResolvedPlan resolved, CancellationToken cancellationToken);

    Task<ResolvedPlan?> LoadResolutionAsync(string sweepId, CancellationToken cancellationToken);

    /// <summary>Adds jobs (at most 5,000 a call) to the sweep; those already there are left as they are.</summary>
    Task AddJobsAsync(string sweepId, IReadOnlyList<SweepJob> jobs, CancellationToken cancellationToken);

    Task<IReadOnlyList<SweepJob>> ListJobsAsync(string sweepId, CancellationToken cancellationToken);

    /// <summary>How many of the given items each of the given jobs has in the ledger (jobs with none may be absent).</summary>
    Task<IReadOnlyDictionary<JobId, int>> CountRecordedAsync(IReadOnlyList<JobId> jobs, IReadOnlyList<string> itemIds, CancellationToken cancellationToken);

    /// <summary>Adds batches; those already there are left as they are.</summary>
    Task AddBatchesAsync(IReadOnlyList<JobBatch> batches, CancellationToken cancellationToken);

    /// <summary>In order of their number.</summary>
    Task<IReadOnlyList<BatchRecord>> ListBatchesAsync(string sweepId, CancellationToken cancellationToken);

    /// <summary>Null: it is not in the store.</summary>
    Task<BatchRecord?> FindBatchAsync(string batchId, CancellationToken cancellationToken);

    Task<JobBatch> LoadBatchAsync(string batchId, CancellationToken cancellationToken);

    /// <summary>The (job, item) pairs of this batch that the ledger holds already.</summary>
    Task<IReadOnlySet<(JobId Job, string Item)>> ListRecordedAsync(JobBatch batch, CancellationToken cancellationToken);

    /// <summary>
    /// One conditional update: where the batch is pending, or leased under <paramref name="expectedToken"/>, it becomes leased with token + 1 and an attempt is noted. Null when another was faster.
    /// </summary>
    Task<Lease?> TryGrantAsync(string batchId, long expectedToken, string workerId, double durationSeconds, CancellationToken cancellationToken);

    /// <summary>
    /// One transaction: checks that the batch is leased under the lease's token (else nothing is written and the rows count as late), inserts the rows that the ledger does not hold yet.
    /// </summary>
    Task<RecordOutcome> RecordAsync(Lease lease, MicroBatchResult result, CancellationToken cancellationToken);

    /// <summary>
    /// Ends a lease: completed, faulted, pending again, or quarantined. Pending with a reason and quarantined count as a failed attempt, pending without a reason (released) does not.
    /// False when the token is stale.
    /// </summary>
    Task<bool> EndLeaseAsync(Lease lease, BatchStatus status, string? reason, CancellationToken cancellationToken);

    /// <summary>
    /// Puts a batch whose worker is gone back to pending, or into quarantine, both a failed attempt; or cancels it, which is none. False when the token is stale.
    /// </summary>
    Task<bool> ExpireLeaseAsync(string batchId, long token, BatchStatus status, string? reason, CancellationToken cancellationToken);

    /// <summary>
    /// A batch that was quarantined or faulted is pending again, as if it had never failed, and its sweep, where that was completed or faulted, runs again. False: the batch is not
    /// set aside, or its sweep was canceled.
    /// </summary>
    Task<bool> RetryBatchAsync(string batchId, CancellationToken cancellationToken);

    /// <summary>Makes every leased batch pending; for a process that owns the whole store.</summary>
    Task<int> VoidLeasesAsync(CancellationToken cancellationToken);

    /// <summary>The ledger's rows of these jobs and items, ordered by job id and then by item id, ordinally.</summary>
    IAsyncEnumerable<ItemResult> ReadItemResultsAsync(IReadOnlyCollection<JobId> jobs, IReadOnlyCollection<string> itemIds, CancellationToken cancellationToken);

    Task SaveSummaryAsync(string sweepId, SweepSummary summary, CancellationToken cancellationToken);

    /// <summary>Null where there is none, and where it is one of another version: rows and plan give it again.</summary>
    Task<SweepSummary?> LoadSummaryAsync(string sweepId, CancellationToken cancellationToken);

    Task<JobSpec?> FindJobAsync(JobId jobId, CancellationToken cancellationToken);

    /// <summary>Content-addressed intermediate results (calibration scores and means), and under "planning/SWEEP/" how a sweep is cut into batches.</summary>
    Task<byte[]?> FindArtifactAsync(string key, CancellationToken cancellationToken);

    /// <summary>Keeps the content, unless the key has one already: the first one counts.</summary>
    Task SaveArtifactAsync(string key, byte[] content, CancellationToken cancellationToken);

    /// <summary>What running the sweep cost so far.</summary>
    Task<SweepCost> ReadCostAsync(string sweepId, CancellationToken cancellationToken);
}

/// <summary>The store cannot be reached or is busy; nothing was written.</summary>
public sealed class StoreUnavailableException(string message, Exception innerException) : Exception(message, innerException);

/// <summary>States of a sweep, each resumable until it is final.</summary>
public enum SweepState
{
    Submitted,
    Resolving,
    Expanding,
    Running,
    Paused,
    Completed,
    Canceled,
    Faulted,
}

/// <summary>States of a batch.</summary>
public enum BatchStatus
{
    Pending,
    Leased,
    Completed,
    Faulted,
    Canceled,
    Quarantined,
}

public sealed record SweepRecord
{
    public required string Id { get; init; }

    public required SweepPlan Plan { get; init; }

    /// <summary>The plan as it was submitted.</summary>
    public required string PlanText { get; init; }

    /// <summary>Its sender's own unique name for the submission.</summary>
    public string? SubmitKey { get; init; }

    public required SweepState State { get; init; }

    public string? Reason { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }
}

/// <summary>A job in a sweep: job × the items of a benchmark of the resolved plan.</summary>
public sealed record SweepJob
{
    /// <summary>Position in the expansion, from 0.</summary>
    public required int Ordinal { get; init; }

    public required JobSpec Job { get; init; }

    /// <summary>Index into the resolved plan's benchmarks: the item set.</summary>
    public required int Benchmark { get; init; }
}

public sealed record BatchRecord
{
    public required string Id { get; init; }

    public required BatchStatus Status { get; init; }

    public required long Token { get; init; }

    /// <summary>Grants so far.</summary>
    public required int Attempts { get; init; }

    /// <summary>Attempts that ended with a killed or failed worker.</summary>
    public required int FailedAttempts { get; init; }

    public string? WorkerId { get; init; }

    public string? Reason { get; init; }

    /// <summary>Weights hash of its model, for affinity.</summary>
    public required string WeightsHash { get; init; }

    /// <summary>(job, item) pairs in it.</summary>
    public required int Rows { get; init; }
}

/// <summary>What became of a micro-batch's rows.</summary>
public sealed record RecordOutcome
{
    /// <summary>New in the ledger.</summary>
    public required int Accepted { get; init; }

    /// <summary>Recorded before, by another sweep or an earlier attempt.</summary>
    public required int Shared { get; init; }

    /// <summary>The token was stale: nothing was written.</summary>
    public required bool Late { get; init; }
}

public sealed record SweepCost
{
    public required double DeviceSeconds { get; init; }

    public required long Rows { get; init; }

    public required long Tokens { get; init; }

    public required int Attempts { get; init; }

    public required int LateWrites { get; init; }
}
