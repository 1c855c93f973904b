using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Grains.Dispatch;
using Sweep.Grains.Placement;

namespace Sweep.Grains.Coordination;

/// <summary>
/// What the cluster calls of a sweep. The phases behind it are in <see cref="AdvanceAsync"/>, which a timer runs between these calls; every one of them can be taken up from the store again.
/// Calls interleave where one waits for the store: what they share is changed between two waits only, and the store decides whose change counts.
/// </summary>
[Reentrant]
internal sealed partial class SweepCoordinatorGrain(
    ISweepStore store,
    TimeProvider time,
    IOptions<DispatchOptions> options,
    IOptions<BatchPlannerOptions> planning,
    ISiloStatusOracle silos,
    DispatchMetrics metrics,
    ISweepProgressSink progress,
    ILogger<SweepCoordinatorGrain> logger)
    : Grain, ISweepCoordinatorGrain
{
    private readonly DispatchOptions _options = options.Value;
    private readonly AttemptPolicy _attempts = new(options.Value.MaxFailedAttempts);
    private readonly LeaseTable _leases = new(time, TimeSpan.FromSeconds(options.Value.LeaseSeconds / 3));
    private readonly SemaphoreSlim _moving = new(1);
    private BatchBoard _board = null!;
    private IGrainTimer? _timer;
    private bool _isWoken;
    private SweepRecord? _record;
    private SweepState _state;
    private string? _reason;
    private bool _loaded;
    private long _rowsTotal;
    private int _jobs;
    private long _rowsHere;
    private long _tokensHere;
    private double _secondsHere;
    private double _secondsBefore;
    private string? _residentModel;

    private string SweepId => this.GetPrimaryKeyString();

    private bool IsFinal => _state.IsFinal();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Forget();
        return StartAsync();
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.OnLeft(SweepId);
        return Task.CompletedTask;
    }

    public async Task StartAsync()
    {
        if (_loaded || _loading is not null)
            await FollowStoreAsync();
        WakeUp();
    }

    public async Task<WorkGrant?> PullAsync(WorkerDescription worker)
    {
        if (!_loaded)
            return null;
        if (IsFinal)
        {
            // The scheduler has not heard of it.
            Withdraw();
            return null;
        }

        try
        {
            return _state switch
            {
                SweepState.Resolving => _isResolved ? null : GrantOnce(WorkKind.ResolvePlan, worker),
                SweepState.Running when HasAllEnded => _verified ? GrantOnce(WorkKind.Summarize, worker) : null,
                SweepState.Running => await GrantBatchAsync(worker),
                _ => null,
            };
        }
        catch (StoreUnavailableException exception)
        {
            LogStoreAway(SweepId, exception.Message);
            return null;
        }
        finally
        {
            AnnounceOnChange();
        }
    }

    public async Task<bool> RenewAsync(Lease lease)
    {
        // Before the store has been read nothing is known: the worker goes on, its writes are checked anyway.
        if (!_loaded)
            return true;
        if (IsFinal)
            return false;
        if (_leases.TryRenew(lease))
            return true;
        if (IsLocal(lease))
            return Adopt(lease);
        if (_board.Find(lease.BatchId) is { } known && known.Token > lease.Token)
            return false;
        try
        {
            // Granted by another activation of this grain.
            await RefreshAsync(lease.BatchId);
        }
        catch (StoreUnavailableException exception)
        {
            LogStoreAway(SweepId, exception.Message);
            return true;
        }

        return _leases.TryRenew(lease);
    }

    public async Task ReportAsync(BatchDigest digest)
    {
        try
        {
            await EnsureLoadedAsync();
        }
        catch (StoreUnavailableException exception)
        {
            // What the store holds of the batch is read later; only the counters below are at stake.
            LogStoreAway(SweepId, exception.Message);
        }

        var lease = digest.Lease;
        _rowsHere += digest.Rows;
        _tokensHere += digest.Tokens;
        _secondsHere += digest.DeviceSeconds;
        _residentModel = digest.ResidentModel ?? _residentModel;
        Measure(digest);
        _board.Progressed(lease, digest.Rows);
        switch (digest.Progress)
        {
            case BatchProgress.MicroBatch:
                await RenewAsync(lease);
                return;
            case BatchProgress.Completed:
                await EndAsync(lease, BatchStatus.Completed, null);
                break;
            case BatchProgress.Released:
                await EndAsync(lease, BatchStatus.Pending, null);
                break;
            case BatchProgress.Faulted:
                LogBatchFaulted(lease.BatchId, digest.Reason ?? "no reason given");
                await EndAsync(lease, BatchStatus.Faulted, digest.Reason);
                break;
            case BatchProgress.Failed:
                await FailAsync(lease, digest.Reason ?? "no reason given");
                break;
        }

        AnnounceOnChange();
        if (HasAllEnded)
            WakeUp();
    }

    public async Task CancelAsync()
    {
        if (await ChangeAsync(SweepTransition.Cancel))
            await StopWorkersAsync();
        else
            await TellStageAsync();
    }

    public Task PauseAsync() => ChangeAsync(SweepTransition.Pause);

    public Task ResumeAsync() => ChangeAsync(SweepTransition.Resume);

    public async Task<bool> RetryBatchAsync(string batchId)
    {
        await EnsureLoadedAsync();
        if (!await store.RetryBatchAsync(batchId, CancellationToken.None))
            return false;
        if (IsFinal)
        {
            await FollowStoreAsync();
        }
        else
        {
            _board.Retried(batchId);
            _verified = false;
            AnnounceOnChange();
        }

        WakeUp();
        return true;
    }

    public async Task<SweepStatus> GetStatusAsync()
    {
        if (!_loaded)
        {
            try
            {
                await EnsureLoadedAsync();
            }
            catch (StoreUnavailableException exception)
            {
                return new SweepStatus { SweepId = SweepId, State = "Unknown", Reason = exception.Message };
            }
        }

        return Status();
    }

    private SweepStatus Status() => _stage is { } stage && _state == SweepState.Submitted
        ? stage.Status with { SweepId = SweepId, State = _state.ToString(), Reason = _reason, Stage = SearchStages.Progress(stage.Plan, stage.Status.State) }
        : new()
        {
            SweepId = SweepId,
            State = _record is null ? "Unknown" : _state.ToString(),
            Reason = _record is null ? "there is no sweep with this id in the store" : _reason,
            RowsTotal = _rowsTotal,
            RowsDone = RowsDone,
            BatchesTotal = _board.Total,
            BatchesDone = _board.Count(BatchStatus.Completed),
            BatchesLeased = _board.Count(BatchStatus.Leased),
            BatchesQuarantined = _board.Count(BatchStatus.Quarantined) + _board.Count(BatchStatus.Faulted),
            Tokens = _tokensHere,
            DeviceSeconds = _secondsHere,
            ResidentModel = _residentModel,
            Jobs = _jobs,
            RowsDoneHere = _rowsHere,
            SetAside = _board.SetAsideNote,
            Hindrance = Hindrance,
        };

    private async Task<bool> ChangeAsync(Func<SweepRecord, SweepTransition> change)
    {
        await EnsureLoadedAsync();
        if (_record is not { } record)
            return false;
        var transition = change(record with { State = _state, Reason = _reason });
        return await MoveAsync(transition.To, transition.Reason, [.. transition.From]);
    }

    /// <summary>Begins anew: nothing is known of the sweep.</summary>
    private void Forget()
    {
        _board = new BatchBoard(SweepId);
        _workOfPair.Clear();
        (_state, _loaded, _expansion, _verified, _repairs, _lastDemand) = (SweepState.Submitted, false, null, false, 0, null);
        (_stage, _openStage) = (null, null);
    }

    /// <summary>Runs the next tick at once. A sweep at its end, or one that is not there, has no ticks until it is called again.</summary>
    private void WakeUp()
    {
        var period = TimeSpan.FromSeconds(_options.TickSeconds);
        if (_timer is not null)
        {
            if (!_isWoken)
                _timer.Change(TimeSpan.Zero, period);
            _isWoken = true;
            return;
        }

        if (!IsFinal)
            _timer = this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = period, Interleave = true, KeepAlive = true });
    }

    private bool IsWorkerGone(string workerId) => WorkerAddress.TryParse(workerId, out var address) && silos.IsDeadSilo(address.Silo);
}
