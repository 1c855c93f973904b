using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Sweep.Contracts.Diagnostics;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Grains.Placement;

namespace Sweep.Grains.Workers;

/// <summary>
/// Pulls work for one device and does it, one piece after the other, on the threads of the pool; rows go straight to the store. Its state is read by the worker's grain.
/// </summary>
internal sealed partial class DeviceWorker(
    WorkerAddress address,
    IGrainFactory grains,
    IJobRunnerFactory runners,
    IPlanResolver resolver,
    ISweepSummarizer summarizer,
    ISweepStore store,
    ModelSupply supply,
    WorkerOptions options,
    WorkerMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    private readonly string _workerId = address.ToString();
    private readonly string _device = address.Device;
    private readonly WorkerMetrics _metrics = metrics;
    private readonly TimeProvider _time = time;
    private readonly PatientStore _store = new(store, time, TimeSpan.FromSeconds(options.StorePatienceSeconds));
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _aborting = new();
    private readonly Lock _lock = new();
    private WorkerStatus _status = new() { WorkerId = address.ToString(), Device = address.Device, Draining = false, Facts = runners.Describe(address.Device) };
    private long? _leased;
    private string? _runningSweep;
    private CancellationTokenSource? _running;
    private volatile bool _yielding;
    private CancellationTokenSource? _pausing;
    private bool _awake;
    private TurnReport? _lastTurn;

    public WorkerStatus Status
    {
        get
        {
            lock (_lock)
                return _status;
        }
    }

    /// <summary>The status with what is known at this moment only: the lease's age, and memory.</summary>
    public WorkerStatus Describe()
    {
        lock (_lock)
        {
            return _status with
            {
                LeaseSeconds = _leased is { } since ? _time.GetElapsedTime(since).TotalSeconds : null,
                DeviceMemoryInUse = runners.MemoryInUse(_device),
                ProcessMemory = Environment.WorkingSet,
            };
        }
    }

    /// <summary>No new work; the running micro-batch ends, its batch is given back.</summary>
    public void Drain()
    {
        Change(status => status with { Draining = true });
        _draining.Cancel();
    }

    /// <summary>Drains, and gives up the running micro-batch too: its batch is given back without it.</summary>
    public void Abort()
    {
        Drain();
        _aborting.Cancel();
    }

    /// <summary>Stops the running work if it is the sweep's.</summary>
    public void CancelSweep(string sweepId)
    {
        lock (_lock)
        {
            if (_runningSweep == sweepId)
                _running?.Cancel();
        }
    }

    /// <summary>Gives the running work back after its micro-batch if it is the sweep's.</summary>
    public void Yield(string sweepId)
    {
        lock (_lock)
            _yielding |= _runningSweep == sweepId;
    }

    /// <summary>Looks for work now instead of at the end of its pause.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            _awake = true;
            _pausing?.Cancel();
        }
    }

    /// <summary>Works until it is drained or <paramref name="stopping"/> is cancelled, which drains too.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await using var stopRegistration = stopping.Register(Drain);
        await using var runner = runners.Create(address.Device);
        _metrics.OnStarted(_device);
        var shortest = TimeSpan.FromSeconds(options.IdleMinimumSeconds);
        var longest = TimeSpan.FromSeconds(options.IdleMaximumSeconds);
        for (var pause = shortest; !_draining.IsCancellationRequested;)
        {
            if (await PullAsync(runner) is { } grant)
            {
                var start = _time.GetTimestamp();
                await DoAsync(runner, grant);
                _lastTurn = new TurnReport { SweepId = grant.SweepId, Served = true, DeviceSeconds = _time.GetElapsedTime(start).TotalSeconds };
                pause = shortest;
            }
            else
            {
                pause = await PauseAsync(pause) ? shortest : pause * 2 < longest ? pause * 2 : longest;
            }
        }
    }

    private async Task DoAsync(IJobRunner runner, WorkGrant grant)
    {
        using var running = CancellationTokenSource.CreateLinkedTokenSource(_aborting.Token);
        lock (_lock)
        {
            (_runningSweep, _running, _yielding) = (grant.SweepId, running, false);
            _leased = _time.GetTimestamp();
            _status = _status with { BatchId = grant.Lease.BatchId, MicroBatchesDone = 0, MicroBatches = 0 };
        }

        using var ended = new CancellationTokenSource();
        using var activity = SweepTrace.Start(SpanName(grant.Kind), grant.SweepId, ActivityKind.Consumer);
        activity?.SetTag("sweep.batch", grant.Lease.BatchId).SetTag("sweep.worker", _workerId).SetTag("sweep.token", grant.Lease.Token);
        var renewing = RenewAsync(grant.Lease, running, ended.Token);
        try
        {
            switch (grant.Kind)
            {
                case WorkKind.RunBatch:
                    await new BatchRun(this, runner, grant.Lease).RunAsync(running.Token);
                    break;
                case WorkKind.ResolvePlan:
                    await AnswerAsync(grant, ResolveAsync, (coordinator, error) => coordinator.ReportResolutionAsync(_workerId, error), running.Token);
                    break;
                case WorkKind.Summarize:
                    await AnswerAsync(grant, SummarizeAsync, (coordinator, error) => coordinator.ReportSummaryAsync(_workerId, error), running.Token);
                    break;
            }
        }
        finally
        {
            lock (_lock)
            {
                (_runningSweep, _running) = (null, null);
                _leased = null;
                _status = _status with { BatchId = null, MicroBatchesDone = 0, MicroBatches = 0, ResidentModel = runner.ResidentModel };
            }

            await ended.CancelAsync();
            await renewing;
        }
    }

    private static string SpanName(WorkKind kind) => kind switch
    {
        WorkKind.ResolvePlan => "sweep.resolve",
        WorkKind.Summarize => "sweep.summarize",
        _ => "sweep.batch",
    };

    /// <summary>Resolution or summary: done whole or, when this worker drains, left to another.</summary>
    private async Task AnswerAsync(
        WorkGrant grant, Func<string, CancellationToken, Task> work, Func<ISweepCoordinatorGrain, string?, Task> report, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _draining.Token);
        try
        {
            // The work may compute for long before its first await.
            await Task.Run(() => work(grant.SweepId, either.Token), either.Token);
        }
        catch (Exception exception) when (either.IsCancellationRequested || exception is StoreUnavailableException)
        {
            LogGivenBack(_workerId, grant.Lease.BatchId, exception.Message);
            await ReportAsync(new BatchDigest { Lease = grant.Lease, Progress = BatchProgress.Released });
            return;
        }
        catch (Exception exception)
        {
            LogWorkFailed(exception, _workerId, grant.Lease.BatchId);
            var reason = SweepReasons.Of(exception);
            Fault(reason);
            await TellAsync(grant.SweepId, coordinator => report(coordinator, reason), grant.Lease.DurationSeconds);
            return;
        }

        await TellAsync(grant.SweepId, coordinator => report(coordinator, null), grant.Lease.DurationSeconds);
    }

    private async Task ResolveAsync(string sweepId, CancellationToken cancellationToken)
    {
        var sweep = await _store.CallAsync(inner => inner.FindSweepAsync(sweepId, cancellationToken), IsImpatient, cancellationToken)
            ?? throw new InvalidPlanException($"sweep {sweepId} is not in the store");
        var resolved = await resolver.ResolveAsync(sweep.Plan, calibrate: true, cancellationToken);
        await _store.CallAsync(inner => inner.SaveResolutionAsync(sweepId, resolved, cancellationToken), IsImpatient, cancellationToken);
    }

    private async Task SummarizeAsync(string sweepId, CancellationToken cancellationToken)
    {
        var summary = await summarizer.SummarizeAsync(sweepId, cancellationToken);
        await _store.CallAsync(inner => inner.SaveSummaryAsync(sweepId, summary, cancellationToken), IsImpatient, cancellationToken);
    }

    private void Fault(string reason) => Change(status => status with { LastFault = reason, Faults = status.Faults + 1 });

    private void Change(Func<WorkerStatus, WorkerStatus> change)
    {
        lock (_lock)
            _status = change(_status);
    }
}
