using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Coordination;

/// <summary>Handing work out and taking it back.</summary>
internal sealed partial class SweepCoordinatorGrain
{
    /// <summary>Tries of one pull when the store knows more than this activation.</summary>
    private const int GrantTries = 8;

    private string? _lastDemand;
    private long _announcedAt;

    private async Task<WorkGrant?> GrantBatchAsync(WorkerDescription worker)
    {
        for (var tries = 0; tries < GrantTries && _board.Choose(worker.ResidentModel) is { } record; tries++)
        {
            var lease = await store.TryGrantAsync(record.Id, record.Token, worker.WorkerId, _options.LeaseSeconds, CancellationToken.None);
            if (lease is null)
            {
                // Another activation of this grain was faster: its view is the store's.
                await LoadBatchesAsync();
                continue;
            }

            _board.Granted(lease);
            _leases.Add(lease);
            metrics.OnGranted();
            if (_state != SweepState.Running)
            {
                // Canceled or paused while the store was asked.
                await store.EndLeaseAsync(lease, BatchStatus.Pending, null, CancellationToken.None);
                End(lease, BatchStatus.Pending, null);
                return null;
            }

            AnnounceOnChange();
            return new WorkGrant { Kind = WorkKind.RunBatch, SweepId = SweepId, Lease = lease };
        }

        AnnounceOnChange();
        return null;
    }

    /// <summary>Resolution and summary: one worker at a time, under a lease of this activation only, because doing them twice changes nothing.</summary>
    private WorkGrant? GrantOnce(WorkKind kind, WorkerDescription worker)
    {
        if (_leases.Find(LocalLeaseId(kind)) is not null)
            return null;
        var lease = new Lease
        {
            SweepId = SweepId,
            BatchId = LocalLeaseId(kind),
            Token = ++_localToken,
            WorkerId = worker.WorkerId,
            DurationSeconds = _options.LeaseSeconds,
        };
        _leases.Add(lease);
        AnnounceOnChange();
        return new WorkGrant { Kind = kind, SweepId = SweepId, Lease = lease };
    }

    private string LocalLeaseId(WorkKind kind) => $"{SweepId}/{kind}";

    private bool IsLocal(Lease lease) => lease.BatchId == LocalLeaseId(WorkKind.ResolvePlan) || lease.BatchId == LocalLeaseId(WorkKind.Summarize);

    private void TakeBack(WorkKind kind, string workerId)
    {
        if (_leases.Find(LocalLeaseId(kind)) is { } lease && lease.WorkerId == workerId)
            _leases.TryRemove(lease.BatchId, lease.Token);
    }

    private void End(Lease lease, BatchStatus status, string? reason)
    {
        _leases.TryRemove(lease.BatchId, lease.Token);
        _board.Ended(lease.BatchId, lease.Token, status, reason, failed: false);
    }

    /// <summary>A batch threw: back to pending, or quarantined when it did so too often. While the store is away the lease stays and expires in its time.</summary>
    private async Task FailAsync(Lease lease, int failedBefore, string cause)
    {
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
            _board.Ended(lease.BatchId, lease.Token, status, reason, failed: true);
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
            if (IsLocal(lease))
            {
                _leases.TryRemove(lease.BatchId, lease.Token);
                LogLeaseExpired(lease.BatchId, lease.WorkerId);
                if (lease.BatchId == LocalLeaseId(WorkKind.ResolvePlan) && _attempts.After(_failedResolutions++) == BatchStatus.Quarantined)
                    await MoveAsync(SweepState.Faulted, $"resolving the plan ended {_failedResolutions} workers", SweepState.Resolving);
                if (lease.BatchId == LocalLeaseId(WorkKind.Summarize) && _attempts.After(_failedSummaries++) == BatchStatus.Quarantined)
                    await MoveAsync(SweepState.Faulted, $"summarizing ended {_failedSummaries} workers", SweepState.Running);
                continue;
            }

            var failedBefore = _board.Find(lease.BatchId)?.FailedAttempts ?? 0;
            var status = _attempts.After(failedBefore);
            var reason = _attempts.Reason(failedBefore, $"worker {lease.WorkerId} was lost");
            var expired = await store.ExpireLeaseAsync(lease.BatchId, lease.Token, status, reason, CancellationToken.None);
            _leases.TryRemove(lease.BatchId, lease.Token);
            LogLeaseExpired(lease.BatchId, lease.WorkerId);
            if (!expired)
            {
                await LoadBatchesAsync();
                continue;
            }

            _board.Ended(lease.BatchId, lease.Token, status, reason, failed: true);
            metrics.OnExpired();
            if (status == BatchStatus.Quarantined)
                metrics.OnQuarantined();
        }
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
                _board.Ended(lease.BatchId, lease.Token, BatchStatus.Canceled, _reason, failed: false);
            }
            catch (StoreUnavailableException exception)
            {
                LogStoreAway(SweepId, exception.Message);
            }
        }
    }

    private bool HasPendingWork => _loaded && _state switch
    {
        SweepState.Resolving => _leases.Find(LocalLeaseId(WorkKind.ResolvePlan)) is null,
        SweepState.Running when _board.AllEnded => _verified && _leases.Find(LocalLeaseId(WorkKind.Summarize)) is null,
        SweepState.Running => _board.Count(BatchStatus.Pending) > 0,
        _ => false,
    };

    private void AnnounceOnChange() => Announce(onlyOnChange: true);

    /// <summary>Tells the scheduler, which keeps nothing, what this sweep wants: on a change at once, else every few ticks.</summary>
    private void Announce(bool onlyOnChange)
    {
        if (_record is not { } record)
            return;
        var demand = IsFinal ? "final" : HasPendingWork ? "pending" : "none";
        var due = !onlyOnChange && time.GetElapsedTime(_announcedAt) >= 2 * TimeSpan.FromSeconds(_options.TickSeconds);
        if (demand == _lastDemand && !due)
            return;
        _lastDemand = demand;
        _announcedAt = time.GetTimestamp();
        if (IsFinal)
        {
            Send(scheduler => scheduler.WithdrawAsync(SweepId));
            return;
        }

        Send(scheduler => scheduler.AnnounceAsync(new SweepDemand
        {
            SweepId = SweepId,
            Owner = record.Plan.Owner,
            Priority = record.Plan.Priority,
            Weight = record.Plan.Weight,
            HasPendingWork = demand == "pending",
        }));
    }
}
