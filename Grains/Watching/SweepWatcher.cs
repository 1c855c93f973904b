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
                changed.Release();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task StartCoordinatorsAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var sweep in await store.ListSweepsAsync(stoppingToken))
            {
                if (sweep.State is SweepState.Completed or SweepState.Canceled or SweepState.Faulted)
                    continue;
                await grains.GetGrain<ISweepCoordinatorGrain>(sweep.Id).StartAsync().WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            LogWatchFailed(exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Unfinished sweeps could not be looked after ({Reason}); trying again")]
    private partial void LogWatchFailed(string reason);
}
