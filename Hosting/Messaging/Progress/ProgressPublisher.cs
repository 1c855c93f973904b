using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;

namespace Sweep.Hosting.Messaging.Progress;

/// <summary>Sends the newest status of each sweep coordinated here, at most once a period and only when it changed. What cannot be sent at once is dropped.</summary>
internal sealed partial class ProgressPublisher(IBusControl bus, IOptions<MessagingOptions> options, TimeProvider time, ILogger<ProgressPublisher> logger) : BackgroundService, ISweepProgressSink
{
    private readonly ConcurrentDictionary<string, SweepStatus> _newest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SweepStatus> _sent = new(StringComparer.Ordinal);
    private readonly PeriodicTimer _timer = new(TimeSpan.FromSeconds(options.Value.ProgressSeconds), time);

    public void OnProgress(SweepStatus status) => _newest[status.SweepId] = status;

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(stoppingToken))
                await PublishAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        var statuses = _newest.Keys.Select(sweep => _newest.TryRemove(sweep, out var status) ? status : null).OfType<SweepStatus>().Where(IsNew).ToList();
        if (statuses.Count == 0 || bus.CheckHealth().Status == BusHealthStatus.Unhealthy)
            return;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(options.Value.ProgressSeconds));
        try
        {
            await Task.WhenAll(statuses.Select(status => bus.Publish(StatusReplies.Progress(status, time.GetUtcNow()), context => context.Durable = false, patience.Token)));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogDropped(statuses.Count, exception.Message);
        }
    }

    /// <summary>A sweep at its end is heard of once more and then forgotten.</summary>
    private bool IsNew(SweepStatus status)
    {
        if (_sent.TryGetValue(status.SweepId, out var before) && before == status)
            return false;
        _sent[status.SweepId] = status;
        if (SweepStates.IsFinal(status.State))
            _sent.Remove(status.SweepId);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Progress of {Count} sweeps was not sent ({Reason})")]
    private partial void LogDropped(int count, string reason);
}
