using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Coordination;

/// <summary>Handing work out.</summary>
internal sealed partial class SweepCoordinatorGrain
{
    /// <summary>Tries of one pull when the store knows more than this activation.</summary>
    private const int GrantTries = 8;

    /// <summary>Workers whose pull waits for the store.</summary>
    private readonly HashSet<string> _pulling = new(StringComparer.Ordinal);
    private long _localToken;
    private int _failedSummaries;
    private int _failedResolutions;

    /// <summary>A worker has resolved the plan; the next tick goes on with it.</summary>
    private bool _isResolved;

    private async Task<WorkGrant?> GrantBatchAsync(WorkerDescription worker)
    {
        if (!IsFit(worker) || !_pulling.Add(worker.WorkerId))
            return null;
        try
        {
            if (await FindHeldAsync(worker.WorkerId) is { } held)
                return RunBatch(held);
            for (var tries = 0; tries < GrantTries && _state == SweepState.Running && _board.Take(worker.Holds) is { } record; tries++)
            {
                if (WantsBatches)
                    WakeUp();
                if (await TryGrantAsync(record, worker.WorkerId) is not { } lease)
                    continue;
                if (_state == SweepState.Running)
                    return RunBatch(lease);
                await TakeBackAsync(lease);
            }

            return null;
        }
        finally
        {
            _pulling.Remove(worker.WorkerId);
        }
    }

    private async Task<Lease?> TryGrantAsync(BatchRecord record, string workerId)
    {
        try
        {
            if (await store.TryGrantAsync(record.Id, record.Token, workerId, _options.LeaseSeconds, CancellationToken.None) is { } lease)
            {
                _board.Granted(lease);
                _leases.Add(lease);
                metrics.OnGranted();
                return lease;
            }

            // Another activation of this grain was faster; it may have been with others, too.
            await RefreshAsync(record.Id);
            _stale = true;
            return null;
        }
        finally
        {
            _board.PutBack(record.Id);
        }
    }

    /// <summary>Canceled or paused while the store was asked.</summary>
    private async Task TakeBackAsync(Lease lease)
    {
        var status = _state == SweepState.Canceled ? BatchStatus.Canceled : BatchStatus.Pending;
        await store.EndLeaseAsync(lease, status, null, CancellationToken.None);
        _leases.TryRemove(lease.BatchId, lease.Token);
        _board.Ended(lease.BatchId, lease.Token, status, null, failed: false);
    }

    /// <summary>A worker that asks for work does none: what it still holds was lost on the way to it, and it gets it again, if the store agrees.</summary>
    private async Task<Lease?> FindHeldAsync(string workerId)
    {
        if (_leases.FindOf(workerId) is not { } lease || IsLocal(lease))
            return null;
        await RefreshAsync(lease.BatchId);
        return _leases.TryRenew(lease) ? lease : null;
    }

    private bool IsFit(WorkerDescription worker) => worker.DeviceKind.Length == 0 || DeviceKind is not { } kind || worker.DeviceKind == kind;

    private WorkGrant RunBatch(Lease lease) => new() { Kind = WorkKind.RunBatch, SweepId = SweepId, Lease = lease };

    public async Task ReportResolutionAsync(string workerId, string? error)
    {
        _isResolved = error is null;
        try
        {
            if (_isResolved || _state != SweepState.Resolving)
                await StartAsync();
            else
                await MoveAsync(SweepState.Faulted, error, SweepState.Resolving);
        }
        finally
        {
            // Not before: who asks while the store is written would do the same again.
            TakeBack(WorkKind.ResolvePlan, workerId);
        }
    }

    public async Task ReportSummaryAsync(string workerId, string? error)
    {
        try
        {
            if (_state == SweepState.Running && error is null)
                await MoveAsync(Outcome(out var note), note, SweepState.Running);
            else if (_state == SweepState.Running && _attempts.After(_failedSummaries++) == BatchStatus.Quarantined)
                await MoveAsync(SweepState.Faulted, $"no summary: {error}", SweepState.Running);
        }
        finally
        {
            TakeBack(WorkKind.Summarize, workerId);
        }

        if (_state == SweepState.Running)
            await StartAsync();
    }

    /// <summary>Resolution and summary: one worker at a time, under a lease of this activation only, because doing them twice changes nothing.</summary>
    private WorkGrant? GrantOnce(WorkKind kind, WorkerDescription worker)
    {
        var lease = _leases.Find(LocalLeaseId(kind));
        if (lease is not null && lease.WorkerId != worker.WorkerId)
            return null;
        lease ??= new Lease
        {
            SweepId = SweepId,
            BatchId = LocalLeaseId(kind),
            Token = ++_localToken,
            WorkerId = worker.WorkerId,
            DurationSeconds = _options.LeaseSeconds,
        };
        _leases.Add(lease);
        return new WorkGrant { Kind = kind, SweepId = SweepId, Lease = lease };
    }

    /// <summary>A worker resolves or summarizes for an activation before this one: it may finish.</summary>
    private bool Adopt(Lease lease)
    {
        var wanted = _state == SweepState.Resolving ? WorkKind.ResolvePlan : WorkKind.Summarize;
        if (lease.BatchId != LocalLeaseId(wanted) || _leases.Find(lease.BatchId) is not null || !(_state == SweepState.Resolving || HasAllEnded))
            return false;
        _localToken = Math.Max(_localToken, lease.Token);
        _leases.Add(lease);
        return true;
    }

    private string LocalLeaseId(WorkKind kind) => $"{SweepId}/{kind}";

    private bool IsLocal(Lease lease) => lease.BatchId == LocalLeaseId(WorkKind.ResolvePlan) || lease.BatchId == LocalLeaseId(WorkKind.Summarize);

    private void TakeBack(WorkKind kind, string workerId)
    {
        if (_leases.Find(LocalLeaseId(kind)) is { } lease && lease.WorkerId == workerId)
            _leases.TryRemove(lease.BatchId, lease.Token);
    }
}
