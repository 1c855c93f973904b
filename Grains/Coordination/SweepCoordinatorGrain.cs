using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Sweep.Grains.Dispatch;
using Sweep.Grains.Placement;

namespace Sweep.Grains.Coordination;

/// <summary>
/// What the cluster calls of a sweep. The phases behind it are in <see cref="AdvanceAsync"/>, which a timer runs between these calls; every one of them can be taken up from the store again.
/// </summary>
internal sealed partial class SweepCoordinatorGrain(
    ISweepStore store, TimeProvider time, IOptions<DispatchOptions> options, IOptions<BatchPlannerOptions> planning, ISiloStatusOracle silos, DispatchMetrics metrics, ISweepProgressSink progress, ILogger<SweepCoordinatorGrain> logger)
    : Grain, ISweepCoordinatorGrain
{
    private const string PausedIn = "paused in ";
    private readonly DispatchOptions _options = options.Value;
    private readonly AttemptPolicy _attempts = new(options.Value.MaxFailedAttempts);
    private readonly LeaseTable _leases = new(time);
    private readonly BatchBoard _board = new();
    private IGrainTimer? _timer;
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
    private long _localToken;
    private int _failedSummaries;
    private int _failedResolutions;

    private string SweepId => this.GetPrimaryKeyString();

    private bool IsFinal => _state is SweepState.Completed or SweepState.Canceled or SweepState.Faulted;

    public override Task OnActivateAsync(CancellationToken cancellationToken) => StartAsync();

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
        try
        {
            return _state switch
            {
                SweepState.Resolving => GrantOnce(WorkKind.ResolvePlan, worker),
                SweepState.Running when _board.AllEnded => _verified ? GrantOnce(WorkKind.Summarize, worker) : null,
                SweepState.Running => await GrantBatchAsync(worker),
                _ => null,
            };
        }
        catch (StoreUnavailableException exception)
        {
            LogStoreAway(SweepId, exception.Message);
            return null;
        }
    }

    public Task<bool> RenewAsync(Lease lease)
    {
        // Before the store has been read nothing is known: the worker goes on, its writes are checked anyway.
        if (!_loaded)
            return Task.FromResult(true);
        return Task.FromResult(!IsFinal && _leases.TryRenew(lease));
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
        _board.Progressed(lease, digest.Rows);
        if (digest.DeviceSeconds > 0)
            Send(scheduler => scheduler.ChargeAsync(SweepId, digest.DeviceSeconds));
        switch (digest.Progress)
        {
            case BatchProgress.MicroBatch:
                _leases.TryRenew(lease);
                return;
            case BatchProgress.Completed:
                End(lease, BatchStatus.Completed, null);
                break;
            case BatchProgress.Released:
                End(lease, BatchStatus.Pending, null);
                break;
            case BatchProgress.Faulted:
                LogBatchFaulted(lease.BatchId, digest.Reason ?? "no reason given");
                End(lease, BatchStatus.Faulted, digest.Reason);
                break;
            case BatchProgress.Failed when _board.Find(lease.BatchId) is { } record:
                await FailAsync(lease, record.FailedAttempts, digest.Reason ?? "no reason given");
                break;
        }

        AnnounceOnChange();
        if (_board.AllEnded)
            WakeUp();
    }

    public Task ReportResolutionAsync(string workerId, string? error)
    {
        TakeBack(WorkKind.ResolvePlan, workerId);
        return error is null || _state != SweepState.Resolving ? StartAsync() : MoveAsync(SweepState.Faulted, error, SweepState.Resolving);
    }

    public Task ReportSummaryAsync(string workerId, string? error)
    {
        TakeBack(WorkKind.Summarize, workerId);
        if (_state != SweepState.Running)
            return Task.CompletedTask;
        if (error is null)
            return MoveAsync(Outcome(out var note), note, SweepState.Running);
        return _attempts.After(_failedSummaries++) == BatchStatus.Quarantined
            ? MoveAsync(SweepState.Faulted, $"no summary: {error}", SweepState.Running)
            : StartAsync();
    }

    public async Task CancelAsync()
    {
        await EnsureLoadedAsync();
        if (!await MoveAsync(SweepState.Canceled, "canceled by request", [SweepState.Submitted, SweepState.Resolving, SweepState.Expanding, SweepState.Running, SweepState.Paused]))
            return;
        await StopWorkersAsync();
    }

    public async Task PauseAsync()
    {
        await EnsureLoadedAsync();
        await MoveAsync(SweepState.Paused, PausedIn + _state, [SweepState.Submitted, SweepState.Resolving, SweepState.Expanding, SweepState.Running]);
    }

    public async Task ResumeAsync()
    {
        await EnsureLoadedAsync();
        // The earlier phases are quickly passed again; only a sweep that had all its batches may go straight on with them.
        var to = _reason == PausedIn + SweepState.Running ? SweepState.Running : SweepState.Submitted;
        await MoveAsync(to, null, [SweepState.Paused]);
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

    private SweepStatus Status() =>
        new()
        {
            SweepId = SweepId,
            State = _record is null ? "Unknown" : _state.ToString(),
            Reason = _record is null ? "there is no sweep with this id in the store" : _reason,
            RowsTotal = _rowsTotal,
            RowsDone = _state is SweepState.Running or SweepState.Paused or SweepState.Completed ? Math.Max(0, _rowsTotal - _board.Rows) + _board.RowsDone : 0,
            BatchesTotal = _board.Total,
            BatchesDone = _board.Count(BatchStatus.Completed),
            BatchesLeased = _board.Count(BatchStatus.Leased),
            BatchesQuarantined = _board.Count(BatchStatus.Quarantined) + _board.Count(BatchStatus.Faulted),
            Tokens = _tokensHere,
            DeviceSeconds = _secondsHere,
            ResidentModel = _residentModel,
            Jobs = _jobs,
            RowsDoneHere = _rowsHere,
        };

    /// <summary>Runs the next tick at once. A sweep at its end, or one that is not there, has no ticks until it is called again.</summary>
    private void WakeUp()
    {
        var period = TimeSpan.FromSeconds(_options.TickSeconds);
        if (_timer is not null)
        {
            _timer.Change(TimeSpan.Zero, period);
            return;
        }

        if (!IsFinal)
            _timer = this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = period, Interleave = true, KeepAlive = true });
    }

    private void Send(Func<ISchedulerGrain, Task> call) =>
        call(GrainFactory.GetGrain<ISchedulerGrain>(0)).ContinueWith(
            task => LogSchedulerAway(SweepId, task.Exception!.GetBaseException().Message),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

    private bool IsWorkerGone(string workerId) => WorkerAddress.TryParse(workerId, out var address) && silos.IsDeadSilo(address.Silo);
}
