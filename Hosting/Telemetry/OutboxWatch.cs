using Microsoft.Extensions.Hosting;
using Sweep.Contracts.Store;

namespace Sweep.Hosting.Telemetry;

/// <summary>Looks into the outbox now and then. Every coordinator silo does and says the same: take the largest.</summary>
internal sealed class OutboxWatch(ISweepStore store, StoreMetrics metrics, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                metrics.OnBacklog(await store.ReadOutboxBacklogAsync(stoppingToken));
            }
            catch (StoreUnavailableException)
            {
                metrics.OnUnanswered();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(Period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
