using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Grains;

namespace Sweep.Grains.Workers;

/// <summary>Looking for work, and waiting where there is none.</summary>
internal sealed partial class DeviceWorker
{
    /// <summary>Sweeps that are asked in a row when they turn out to have nothing.</summary>
    private const int SweepsAtOnce = 4;

    /// <summary>A sweep that did not answer the last pull: it may have leased a batch to this worker and have nothing left that it would announce.</summary>
    private string? _unanswered;

    /// <summary>Waits; true: woken.</summary>
    private async Task<bool> PauseAsync(TimeSpan pause)
    {
        using var pausing = CancellationTokenSource.CreateLinkedTokenSource(_draining.Token);
        lock (_lock)
        {
            _pausing = pausing;
            if (_awake)
                pausing.Cancel();
        }

        await Task.Delay(pause, _time, pausing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            var woken = _awake;
            (_pausing, _awake) = (null, false);
            return woken;
        }
    }

    private async Task<WorkGrant?> PullAsync(IJobRunner runner)
    {
        var description = new WorkerDescription
        {
            WorkerId = _workerId,
            Device = address.Device,
            Facts = Status.Facts,
            ResidentModel = runner.ResidentModel,
            ResidentModels = runner.ResidentModel is { } model ? [model] : [],
            Fetching = supply.Fetching,
        };
        try
        {
            var start = _time.GetTimestamp();
            if (await PullUnansweredAsync(description) is { } held)
                return held;
            for (var tries = 0; tries < SweepsAtOnce; tries++)
            {
                var sweepId = await grains.GetGrain<ISchedulerGrain>(0).NextAsync(description, _lastTurn);
                _lastTurn = null;
                if (sweepId is null)
                    return null;
                if (!await supply.IsReadyAsync(sweepId, _draining.Token))
                {
                    // A turn that is not reported costs the sweep nothing, and says nothing of the work it has for others.
                    description = description with { Fetching = supply.Fetching };
                    continue;
                }

                _lastTurn = new TurnReport { SweepId = sweepId, Served = false, DeviceSeconds = 0 };
                if (await PullAsync(sweepId, description) is not { } grant)
                    continue;
                _metrics.OnGranted(_device, _time.GetElapsedTime(start));
                return grant;
            }
        }
        catch (Exception exception)
        {
            // The scheduler's or coordinator's silo may be gone: they come back on another one.
            LogPullFailed(_workerId, exception.Message);
        }

        return null;
    }

    /// <summary>Asks once more, whoever's turn it is; a coordinator that still does not answer keeps nobody from other work.</summary>
    private async Task<WorkGrant?> PullUnansweredAsync(WorkerDescription description)
    {
        if (_unanswered is not { } sweepId)
            return null;
        try
        {
            var grant = await Coordinator(sweepId).PullAsync(description);
            _unanswered = null;
            return grant;
        }
        catch (Exception exception)
        {
            LogPullFailed(_workerId, exception.Message);
            return null;
        }
    }

    private async Task<WorkGrant?> PullAsync(string sweepId, WorkerDescription description)
    {
        _unanswered = sweepId;
        WorkGrant? grant;
        try
        {
            grant = await Coordinator(sweepId).PullAsync(description);
        }
        catch (Exception exception)
        {
            // A grant whose answer was lost is given again to the worker that asks again.
            LogPullFailed(_workerId, exception.Message);
            grant = await Coordinator(sweepId).PullAsync(description);
        }

        _unanswered = null;
        return grant;
    }
}
