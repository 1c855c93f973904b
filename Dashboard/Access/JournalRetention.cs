using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sweep.Contracts.Store;
using Sweep.Persistence.Access;

namespace Sweep.Dashboard.Access;

/// <summary>Forgets what has been in the journal for longer than is asked for: when the dashboard starts, and once a day.</summary>
internal sealed partial class JournalRetention(ISweepStore store, SweepDashboardOptions options, TimeProvider time, ILogger<JournalRetention> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await store.Access().TrimJournalAsync(TimeSpan.FromDays(options.JournalDays), stoppingToken) is > 0 and var forgotten)
                    LogForgotten(forgotten, options.JournalDays);
            }
            catch (StoreUnavailableException)
            {
                // Tomorrow is early enough.
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(Period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Entries} entries of the journal were older than {Days} days and are forgotten")]
    private partial void LogForgotten(int entries, double days);
}
