using Microsoft.Extensions.Logging;
using Sweep.Contracts.Grains;

namespace Sweep.Hosting.Messaging;

/// <summary>Tells a sweep's coordinator that its row has changed. Nothing depends on it: a coordinator that is not told is found by the watcher.</summary>
internal sealed partial class Coordinators(IGrainFactory grains, ILogger<Coordinators> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task PokeAsync(string sweepId, CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<ISweepCoordinatorGrain>(sweepId).StartAsync().WaitAsync(Patience, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogNotReached(sweepId, exception.Message);
        }
    }

    public Task<SweepStatus> GetStatusAsync(string sweepId) => grains.GetGrain<ISweepCoordinatorGrain>(sweepId).GetStatusAsync();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sweep {SweepId}: its coordinator was not reached ({Reason}); it is looked after later")]
    private partial void LogNotReached(string sweepId, string reason);
}
