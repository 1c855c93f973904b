using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Xunit;

namespace Sweep.Grains.Tests.Cluster;

/// <summary>The store's rules in memory, one lock for every transaction.</summary>
internal sealed class MemorySweepStore : ISweepStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SweepRecord> _sweeps = [];
    private readonly Dictionary<string, ResolvedPlan> _resolved = [];
    private readonly Dictionary<(string Sweep, JobId Job, int Benchmark), SweepJob> _jobs = [];
    private readonly SortedDictionary<string, (JobBatch Batch, BatchRecord Record)> _batches = new(StringComparer.Ordinal);
    private readonly Dictionary<(JobId Job, string Item), ItemResult> _ledger = [];
    private readonly Dictionary<string, SweepSummary> _summaries = [];
    private readonly Dictionary<string, byte[]> _artifacts = [];
    private double _deviceSeconds;
    private int _lateWrites;
    private int _shared;

    /// <summary>Rows offered for pairs that the ledger held already.</summary>
    public int Shared => Locked(() => _shared);

    public int LateWrites => Locked(() => _lateWrites);

    public HashSet<(JobId Job, string Item)> Ledger => Locked(() => _ledger.Keys.ToHashSet());

    public List<BatchRecord> Batches => Locked(() => _batches.Values.Select(pair => pair.Record).ToList());

    public Task<SubmitOutcome> SubmitAsync(SweepSubmission submission, CancellationToken cancellationToken) => Run(() =>
    {
        var created = _sweeps.TryAdd(submission.SweepId, new SweepRecord
        {
            Id = submission.SweepId,
            Plan = submission.Plan,
            PlanText = submission.PlanText,
            State = SweepState.Submitted,
            SubmittedAt = DateTimeOffset.UnixEpoch,
        });
        if (submission.Reopen && _sweeps[submission.SweepId] is { State: SweepState.Canceled or SweepState.Faulted } ended)
            _sweeps[submission.SweepId] = ended with { State = SweepState.Submitted, Reason = null };
        return new SubmitOutcome { Sweep = _sweeps[submission.SweepId], Created = created, Duplicate = false };
    });

    public Task<SweepRecord?> FindSweepAsync(string sweepId, CancellationToken cancellationToken) => Run(() => _sweeps.GetValueOrDefault(sweepId));

    public Task<IReadOnlyList<SweepRecord>> ListSweepsAsync(CancellationToken cancellationToken) => Run<IReadOnlyList<SweepRecord>>(() => [.. _sweeps.Values]);

    public Task<IReadOnlyList<string>> ListUnfinishedAsync(CancellationToken cancellationToken) => Run<IReadOnlyList<string>>(() =>
        [.. _sweeps.Values.Where(sweep => !sweep.State.IsFinal()).Select(sweep => sweep.Id)]);

    public Task<bool> TrySetStateAsync(string sweepId, IReadOnlyList<SweepState> from, SweepState to, string? reason, InboxMessage? message, CancellationToken cancellationToken) => Run(() =>
    {
        if (!_sweeps.TryGetValue(sweepId, out var sweep) || !from.Contains(sweep.State))
            return false;
        _sweeps[sweepId] = sweep with { State = to, Reason = reason };
        return true;
    });

    public Task SaveResolutionAsync(string sweepId, ResolvedPlan resolved, CancellationToken cancellationToken) => Run(() => _resolved[sweepId] = resolved);

    public Task<ResolvedPlan?> LoadResolutionAsync(string sweepId, CancellationToken cancellationToken) => Run(() => _resolved.GetValueOrDefault(sweepId));

    public Task AddJobsAsync(string sweepId, IReadOnlyList<SweepJob> jobs, CancellationToken cancellationToken) => Run(() =>
    {
        Assert.InRange(jobs.Count, 1, 5000);
        foreach (var job in jobs)
            _jobs.TryAdd((sweepId, job.Job.Id, job.Benchmark), job);
        return true;
    });

    public Task<IReadOnlyList<SweepJob>> ListJobsAsync(string sweepId, CancellationToken cancellationToken) =>
        Run<IReadOnlyList<SweepJob>>(() => [.. _jobs.Where(pair => pair.Key.Sweep == sweepId).Select(pair => pair.Value).OrderBy(job => job.Ordinal)]);

    public Task<IReadOnlyDictionary<JobId, int>> CountRecordedAsync(IReadOnlyList<JobId> jobs, IReadOnlyList<string> itemIds, CancellationToken cancellationToken) =>
        Run<IReadOnlyDictionary<JobId, int>>(() => jobs.ToDictionary(job => job, job => itemIds.Count(item => _ledger.ContainsKey((job, item)))));

    public Task AddBatchesAsync(IReadOnlyList<JobBatch> batches, CancellationToken cancellationToken) => Run(() =>
    {
        foreach (var batch in batches)
        {
            _batches.TryAdd(batch.Id, (batch, new BatchRecord
            {
                Id = batch.Id,
                Status = BatchStatus.Pending,
                Token = 0,
                Attempts = 0,
                FailedAttempts = 0,
                WeightsHash = batch.Jobs[0].Identity.WeightsHash,
                Rows = batch.Rows,
            }));
        }

        return true;
    });

    public Task<IReadOnlyList<BatchRecord>> ListBatchesAsync(string sweepId, CancellationToken cancellationToken) =>
        Run<IReadOnlyList<BatchRecord>>(() => [.. _batches.Values.Where(pair => pair.Batch.SweepId == sweepId).Select(pair => pair.Record)]);

    public Task<BatchRecord?> FindBatchAsync(string batchId, CancellationToken cancellationToken) => Run(() => _batches.TryGetValue(batchId, out var pair) ? pair.Record : null);

    public Task<JobBatch> LoadBatchAsync(string batchId, CancellationToken cancellationToken) => Run(() => _batches[batchId].Batch);

    public Task<IReadOnlySet<(JobId Job, string Item)>> ListRecordedAsync(JobBatch batch, CancellationToken cancellationToken) =>
        Run<IReadOnlySet<(JobId Job, string Item)>>(() => batch.Jobs.SelectMany(job => batch.ItemIds, (job, item) => (job.Id, item)).Where(_ledger.ContainsKey).ToHashSet());

    public Task<Lease?> TryGrantAsync(string batchId, long expectedToken, string workerId, double durationSeconds, CancellationToken cancellationToken) => Run(() =>
    {
        var (batch, record) = _batches[batchId];
        if (record.Status != BatchStatus.Pending && !(record.Status == BatchStatus.Leased && record.Token == expectedToken))
            return null;
        record = record with { Status = BatchStatus.Leased, Token = record.Token + 1, Attempts = record.Attempts + 1, WorkerId = workerId };
        _batches[batchId] = (batch, record);
        return new Lease { SweepId = batch.SweepId, BatchId = batchId, Token = record.Token, WorkerId = workerId, DurationSeconds = durationSeconds };
    });

    public Task<RecordOutcome> RecordAsync(Lease lease, MicroBatchResult result, CancellationToken cancellationToken) => Run(() =>
    {
        if (!IsCurrent(lease.BatchId, lease.Token))
        {
            _lateWrites++;
            return new RecordOutcome { Accepted = 0, Shared = 0, Late = true };
        }

        var accepted = result.Rows.Count(row => _ledger.TryAdd((row.JobId, row.ItemId), row));
        _shared += result.Rows.Count - accepted;
        _deviceSeconds += result.DeviceSeconds;
        return new RecordOutcome { Accepted = accepted, Shared = result.Rows.Count - accepted, Late = false };
    });

    public Task<bool> EndLeaseAsync(Lease lease, BatchStatus status, string? reason, CancellationToken cancellationToken) =>
        Run(() => End(lease.BatchId, lease.Token, status, reason, failed: status == BatchStatus.Quarantined || status == BatchStatus.Pending && reason is not null));

    public Task<bool> ExpireLeaseAsync(string batchId, long token, BatchStatus status, string? reason, CancellationToken cancellationToken) =>
        Run(() => End(batchId, token, status, reason, failed: status != BatchStatus.Canceled));

    public Task<int> VoidLeasesAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public IAsyncEnumerable<ItemResult> ReadItemResultsAsync(IReadOnlyCollection<JobId> jobs, IReadOnlyCollection<string> itemIds, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SaveSummaryAsync(string sweepId, SweepSummary summary, CancellationToken cancellationToken) => Run(() => _summaries[sweepId] = summary);

    public Task<SweepSummary?> LoadSummaryAsync(string sweepId, CancellationToken cancellationToken) => Run(() => _summaries.GetValueOrDefault(sweepId));

    public Task<JobSpec?> FindJobAsync(JobId jobId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<byte[]?> FindArtifactAsync(string key, CancellationToken cancellationToken) => Run(() => _artifacts.GetValueOrDefault(key));

    public Task SaveArtifactAsync(string key, byte[] content, CancellationToken cancellationToken) => Run(() => _artifacts.TryAdd(key, content));

    public Task<SweepCost> ReadCostAsync(string sweepId, CancellationToken cancellationToken) =>
        Run(() => new SweepCost { DeviceSeconds = _deviceSeconds, Rows = _ledger.Count, Tokens = 0, Attempts = _batches.Values.Sum(pair => pair.Record.Attempts), LateWrites = _lateWrites });

    public Task<bool> TryHandleAsync(InboxMessage message, IReadOnlyList<OutboxEvent> answers, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<OutboxMessage>> ReadOutboxAsync(int max, TimeSpan claim, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task DeleteOutboxAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task PostponeOutboxAsync(long id, string error, TimeSpan delay, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<OutboxBacklog> ReadOutboxBacklogAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<int> TrimInboxAsync(TimeSpan olderThan, CancellationToken cancellationToken) => throw new NotSupportedException();

    private bool IsCurrent(string batchId, long token) => _batches[batchId].Record is { Status: BatchStatus.Leased } record && record.Token == token;

    private bool End(string batchId, long token, BatchStatus status, string? reason, bool failed)
    {
        if (!IsCurrent(batchId, token))
            return false;
        var (batch, record) = _batches[batchId];
        _batches[batchId] = (batch, record with { Status = status, Reason = reason, WorkerId = null, FailedAttempts = record.FailedAttempts + (failed ? 1 : 0) });
        return true;
    }

    private Task<T> Run<T>(Func<T> transaction) => Task.FromResult(Locked(transaction));

    private T Locked<T>(Func<T> transaction)
    {
        lock (_lock)
            return transaction();
    }
}
