using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Sweep.Grains.Dispatch;

namespace Sweep.Grains.Coordination;

/// <summary>Handing work out and taking it back.</summary>
internal sealed partial class SweepCoordinatorGrain
{
    /// <summary>Tries of one pull when the store knows more than this activation.</summary>
    private const int GrantTries = 8;

    /// <summary>Workers whose pull waits for the store.</summary>
    private readonly HashSet<string> _pulling = new(StringComparer.Ordinal);
    private long _localToken;
    private int _failedSummaries;
    private int _failedResolutions;

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

    /// <summary>The worker has ended the lease in the store.</summary>
    private async Task EndAsync(Lease lease, BatchStatus status, string? reason)
    {
        if (status == BatchStatus.Completed && _leases.IsCurrent(lease.BatchId, lease.Token))
        {
            var seconds = _leases.AgeOf(lease.BatchId).TotalSeconds;
            _batchSeconds = _batchSeconds is { } mean ? 0.8 * mean + 0.2 * seconds : seconds;
        }

        _leases.TryRemove(lease.BatchId, lease.Token);
        if (!IsLocal(lease) && !Close(lease, status, reason, failed: false))
            await TryRefreshAsync(lease.BatchId);
    }

    /// <summary>A batch threw: back to pending, or quarantined when it did so too often. While the store is away the lease stays and expires in its time.</summary>
    private async Task FailAsync(Lease lease, string cause)
    {
        if (_board.Find(lease.BatchId) is not { } record || record.Token != lease.Token)
            await TryRefreshAsync(lease.BatchId);
        var failedBefore = _board.Find(lease.BatchId)?.FailedAttempts ?? 0;
        var status = _attempts.After(failedBefore);
        var reason = _attempts.Reason(failedBefore, cause);
        try
        {
            if (!await store.EndLeaseAsync(lease, status, reason, CancellationToken.None))
                return;
            LogBatchFailed(lease.BatchId, status, reason);
            if (status == BatchStatus.Quarantined)
                metrics.OnQuarantined();
            _leases.TryRemove(lease.BatchId, lease.Token);
            Close(lease, status, reason, failed: true);
        }
        catch (StoreUnavailableException exception)
        {
            LogStoreAway(SweepId, exception.Message);
        }
    }

    /// <summary>Takes leases back whose worker is gone or silent.</summary>
    private async Task ReturnExpiredAsync()
    {
        foreach (var lease in _leases.Expired(IsWorkerGone))
        {
            if (!_leases.IsCurrent(lease.BatchId, lease.Token))
                continue;
            if (IsLocal(lease))
                await ReturnLocalAsync(lease);
            else
                await ReturnAsync(lease);
        }
    }

    private async Task ReturnLocalAsync(Lease lease)
    {
        _leases.TryRemove(lease.BatchId, lease.Token);
        LogLeaseExpired(lease.BatchId, lease.WorkerId);
        if (lease.BatchId == LocalLeaseId(WorkKind.ResolvePlan) && _attempts.After(_failedResolutions++) == BatchStatus.Quarantined)
            await MoveAsync(SweepState.Faulted, $"resolving the plan ended {_failedResolutions} workers", SweepState.Resolving);
        if (lease.BatchId == LocalLeaseId(WorkKind.Summarize) && _attempts.After(_failedSummaries++) == BatchStatus.Quarantined)
            await MoveAsync(SweepState.Faulted, $"summarizing ended {_failedSummaries} workers", SweepState.Running);
    }

    private async Task ReturnAsync(Lease lease)
    {
        var failedBefore = _board.Find(lease.BatchId)?.FailedAttempts ?? 0;
        var status = _attempts.After(failedBefore);
        var reason = _attempts.Reason(failedBefore, $"worker {lease.WorkerId} was lost");
        if (!await store.ExpireLeaseAsync(lease.BatchId, lease.Token, status, reason, CancellationToken.None))
        {
            // It ended, and the report of it was lost.
            _leases.TryRemove(lease.BatchId, lease.Token);
            await RefreshAsync(lease.BatchId);
            return;
        }

        _leases.TryRemove(lease.BatchId, lease.Token);
        LogLeaseExpired(lease.BatchId, lease.WorkerId);
        Close(lease, status, reason, failed: true);
        metrics.OnExpired();
        if (status == BatchStatus.Quarantined)
            metrics.OnQuarantined();
    }

    /// <summary>Tells the workers of a canceled sweep to stop, and makes what they still write late.</summary>
    private async Task StopWorkersAsync()
    {
        foreach (var lease in _leases.All.ToList())
        {
            GrainFactory.GetGrain<IGpuWorkerGrain>(lease.WorkerId).CancelSweepAsync(SweepId).Ignore();
            _leases.TryRemove(lease.BatchId, lease.Token);
            if (IsLocal(lease))
                continue;
            try
            {
                await store.ExpireLeaseAsync(lease.BatchId, lease.Token, BatchStatus.Canceled, _reason, CancellationToken.None);
                Close(lease, BatchStatus.Canceled, _reason, failed: false);
            }
            catch (StoreUnavailableException exception)
            {
                LogStoreAway(SweepId, exception.Message);
            }
        }
    }

    private bool Close(Lease lease, BatchStatus status, string? reason, bool failed)
    {
        if (status != BatchStatus.Pending)
            _workOfPair.Remove(BatchIds.Number(lease.BatchId));
        return _board.Ended(lease.BatchId, lease.Token, status, reason, failed);
    }

    private async Task TryRefreshAsync(string batchId)
    {
        try
        {
            await RefreshAsync(batchId);
        }
        catch (StoreUnavailableException exception)
        {
            LogStoreAway(SweepId, exception.Message);
            _stale = true;
        }
    }

    /// <summary>Looks one batch up in the store, which knows better.</summary>
    private async Task RefreshAsync(string batchId)
    {
        if (await store.FindBatchAsync(batchId, CancellationToken.None) is { } record)
            TakeOver(record);
    }

    /// <summary>
    /// Takes over what the store says of a batch, unless more is known since it was asked: tokens grow, and under one token a batch is first leased and then not. A lease that is
    /// new here gets a full term.
    /// </summary>
    private void TakeOver(BatchRecord record)
    {
        if (_board.Find(record.Id) is { } known && (known.Token > record.Token || (known.Token == record.Token && known.Status != BatchStatus.Leased)))
            return;
        _board.Put(record);
        if (record.Status is not (BatchStatus.Pending or BatchStatus.Leased))
            _workOfPair.Remove(BatchIds.Number(record.Id));
        if (record.Status == BatchStatus.Leased && record.WorkerId is { } workerId)
        {
            if (!_leases.IsCurrent(record.Id, record.Token))
                _leases.Add(new Lease { SweepId = SweepId, BatchId = record.Id, Token = record.Token, WorkerId = workerId, DurationSeconds = _options.LeaseSeconds });
        }
        else if (_leases.Find(record.Id) is { } over && over.Token <= record.Token)
        {
            _leases.TryRemove(over.BatchId, over.Token);
        }
    }
}
