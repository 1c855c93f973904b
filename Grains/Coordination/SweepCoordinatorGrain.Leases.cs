using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Coordination;

/// <summary>How leases end, and what the store knows better.</summary>
internal sealed partial class SweepCoordinatorGrain
{
    /// <summary>The worker has ended the lease in the store.</summary>
    private async Task EndAsync(Lease lease, BatchStatus status, string? reason)
    {
        if (status == BatchStatus.Completed)
            MeasureCompleted(lease);
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
        _busySeconds.Remove(lease.BatchId);
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
        if (record.Status != BatchStatus.Leased)
            _busySeconds.Remove(record.Id);
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
