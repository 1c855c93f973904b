using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;

namespace Sweep.Grains.Workers;

/// <summary>What a worker tells its coordinator; one that does not answer stops nothing.</summary>
internal sealed partial class DeviceWorker
{
    /// <summary>Renews at a third of the lease. A coordinator that does not answer is no reason to stop: the store says who may write.</summary>
    private async Task RenewAsync(Lease lease, CancellationTokenSource running, CancellationToken ended)
    {
        var period = TimeSpan.FromSeconds(lease.DurationSeconds / 3);
        for (var pause = period; ;)
        {
            await Task.Delay(pause, _time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested)
                return;
            try
            {
                pause = period;
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
                pause = period / 8;
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
        var start = _time.GetTimestamp();
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
                if (IsImpatient() || (_time.GetElapsedTime(start) + pause).TotalSeconds > seconds)
                    return;
            }

            await Task.Delay(pause, _time);
        }
    }
}
