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
    WorkerAddress address, IGrainFactory grains, IJobRunnerFactory runners, IPlanResolver resolver, ISweepSummarizer summarizer, ISweepStore store, WorkerOptions options, WorkerMetrics metrics, TimeProvider time, ILogger logger)
{
    private readonly string _workerId = address.ToString();
    private readonly string _device = address.Device;
    private readonly WorkerMetrics _metrics = metrics;
    private readonly PatientStore _store = new(store, time, TimeSpan.FromSeconds(options.StorePatienceSeconds));
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _aborting = new();
    private readonly Lock _lock = new();
    private WorkerStatus _status = new() { WorkerId = address.ToString(), Device = address.Device, Draining = false, Facts = runners.Describe(address.Device) };
    private string? _runningSweep;
    private CancellationTokenSource? _running;

    public WorkerStatus Status
    {
        get
        {
            lock (_lock)
                return _status;
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

    /// <summary>Works until it is drained or <paramref name="stopping"/> is cancelled, which drains too.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await using var stopRegistration = stopping.Register(Drain);
        await using var runner = runners.Create(address.Device);
        _metrics.OnStarted(_device);
        var pause = TimeSpan.FromSeconds(options.IdleMinimumSeconds);
        while (!_draining.IsCancellationRequested)
        {
            var grant = await PullAsync(runner);
            if (grant is null)
            {
                await Task.Delay(pause, time, _draining.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = TimeSpan.FromSeconds(Math.Min(options.IdleMaximumSeconds, 2 * pause.TotalSeconds));
                continue;
            }

            pause = TimeSpan.FromSeconds(options.IdleMinimumSeconds);
            await DoAsync(runner, grant);
        }
    }

    private async Task<WorkGrant?> PullAsync(IJobRunner runner)
    {
        try
        {
            if (await grains.GetGrain<ISchedulerGrain>(0).NextAsync(_workerId) is not { } sweepId)
                return null;
            var description = new WorkerDescription { WorkerId = _workerId, Device = address.Device, ResidentModel = runner.ResidentModel, Facts = Status.Facts };
            return await Coordinator(sweepId).PullAsync(description);
        }
        catch (Exception exception)
        {
            // The scheduler's or coordinator's silo may be gone: they come back on another one.
            LogPullFailed(_workerId, exception.Message);
            return null;
        }
    }

    private async Task DoAsync(IJobRunner runner, WorkGrant grant)
    {
        using var running = CancellationTokenSource.CreateLinkedTokenSource(_aborting.Token);
        lock (_lock)
        {
            (_runningSweep, _running) = (grant.SweepId, running);
            _status = _status with { BatchId = grant.Lease.BatchId };
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
                _status = _status with { BatchId = null, ResidentModel = runner.ResidentModel };
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
            Change(status => status with { LastFault = exception.Message });
            await TellAsync(grant.SweepId, coordinator => report(coordinator, exception.Message), grant.Lease.DurationSeconds);
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

    /// <summary>Renews at a third of the lease. A coordinator that does not answer is no reason to stop: the store says who may write.</summary>
    private async Task RenewAsync(Lease lease, CancellationTokenSource running, CancellationToken ended)
    {
        var pause = TimeSpan.FromSeconds(lease.DurationSeconds / 3);
        while (true)
        {
            await Task.Delay(pause, time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested)
                return;
            try
            {
                if (await Coordinator(lease.SweepId).RenewAsync(lease).WaitAsync(ended))
                    continue;
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogRenewFailed(_workerId, lease.BatchId, exception.Message);
                continue;
            }

            LogLeaseLost(_workerId, lease.BatchId);
            await running.CancelAsync();
            return;
        }
    }

    private bool IsImpatient() => _draining.IsCancellationRequested;

    private ISweepCoordinatorGrain Coordinator(string sweepId) => grains.GetGrain<ISweepCoordinatorGrain>(sweepId);

    /// <summary>Tells the coordinator once; a lost digest costs a counter, never a row.</summary>
    private async Task ReportAsync(BatchDigest digest)
    {
        try
        {
            await Coordinator(digest.Lease.SweepId).ReportAsync(digest);
        }
        catch (Exception exception)
        {
            LogReportFailed(_workerId, digest.Lease.BatchId, exception.Message);
        }
    }

    /// <summary>Tells the coordinator, again and again for as long as the lease would last; after that the lease's expiry tells it.</summary>
    private async Task TellAsync(string sweepId, Func<ISweepCoordinatorGrain, Task> call, double seconds)
    {
        var start = time.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(50); ; pause *= 2)
        {
            try
            {
                await call(Coordinator(sweepId));
                return;
            }
            catch (Exception exception)
            {
                LogReportFailed(_workerId, sweepId, exception.Message);
                if (IsImpatient() || (time.GetElapsedTime(start) + pause).TotalSeconds > seconds)
                    return;
            }

            await Task.Delay(pause, time);
        }
    }

    private void Change(Func<WorkerStatus, WorkerStatus> change)
    {
        lock (_lock)
            _status = change(_status);
    }
}
