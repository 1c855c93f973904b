using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Sweep.Grains.Dispatch;

namespace Sweep.Grains.Watching;

/// <summary>Starts the coordinators of unfinished sweeps: when the silo starts, when the cluster's members change (nothing else revives a grain whose silo is gone), and now and then.</summary>
internal sealed partial class SweepWatcher(
    IGrainFactory grains, ISweepStore store, IClusterMembershipService membership, IOptions<DispatchOptions> options, TimeProvider time, ILogger<SweepWatcher> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.TakeUpUnfinished)
            return;
        using var changed = new SemaphoreSlim(0);
        var watching = WatchMembersAsync(changed, stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            await StartCoordinatorsAsync(stoppingToken);
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            var period = Task.Delay(TimeSpan.FromSeconds(options.Value.WatchSeconds), time, pause.Token);
            await Task.WhenAny(period, changed.WaitAsync(pause.Token));
            await pause.CancelAsync();
        }

        await watching;
    }

    private async Task WatchMembersAsync(SemaphoreSlim changed, CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var _ in membership.MembershipUpdates.WithCancellation(stoppingToken))
            {
                // Several changes ask for one look.
                if (changed.CurrentCount == 0)
                    changed.Release();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task StartCoordinatorsAsync(CancellationToken stoppingToken)
    {
        try
        {
            var sweeps = await store.ListUnfinishedAsync(stoppingToken);
            // One that does not answer keeps no other from its start.
            await Task.WhenAll(sweeps.Select(sweepId => StartAsync(sweepId, stoppingToken)));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            LogWatchFailed(exception.Message);
        }
    }

    private async Task StartAsync(string sweepId, CancellationToken stoppingToken)
    {
        try
        {
            await grains.GetGrain<ISweepCoordinatorGrain>(sweepId).StartAsync().WaitAsync(stoppingToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogStartFailed(sweepId, exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sweep {SweepId} could not be started ({Reason}); trying again")]
    private partial void LogStartFailed(string sweepId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Unfinished sweeps could not be looked after ({Reason}); trying again")]
    private partial void LogWatchFailed(string reason);
}
