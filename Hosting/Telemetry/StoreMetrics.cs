using System.Diagnostics.Metrics;
using Sweep.Contracts.Diagnostics;
using Sweep.Contracts.Store;

namespace Sweep.Hosting.Telemetry;

/// <summary>What waits in the store to be sent.</summary>
internal sealed class StoreMetrics
{
    private OutboxBacklog? _backlog;
    private long _failed;

    public StoreMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(SweepMeters.Store);
        meter.CreateObservableGauge("sweep.outbox.messages", () => Seen(backlog => (long)backlog.Count), "{message}", "Events that wait to be sent");
        meter.CreateObservableGauge("sweep.outbox.oldest_age", () => Seen(backlog => backlog.OldestAge?.TotalSeconds ?? 0), "s", "How long the oldest of them has waited");
        meter.CreateObservableCounter("sweep.store.unanswered", () => Volatile.Read(ref _failed), "{look}", "Looks at the store that it did not answer");
    }

    public void OnBacklog(OutboxBacklog backlog) => Volatile.Write(ref _backlog, backlog);

    /// <summary>What was seen before says nothing any more.</summary>
    public void OnUnanswered()
    {
        Volatile.Write(ref _backlog, null);
        Interlocked.Increment(ref _failed);
    }

    private IEnumerable<Measurement<T>> Seen<T>(Func<OutboxBacklog, T> value)
        where T : struct => Volatile.Read(ref _backlog) is { } backlog ? [new Measurement<T>(value(backlog))] : [];
}
