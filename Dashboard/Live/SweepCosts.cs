using System.Collections.Concurrent;
using Sweep.Contracts.Store;

namespace Sweep.Dashboard.Live;

/// <summary>What sweeps cost, read once for all who look at a list: of one at its end once, of a running one now and then.</summary>
internal sealed class SweepCosts(ISweepStore store, TimeProvider time)
{
    private const int MostKept = 10_000;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, (double Seconds, long At, DateTimeOffset? FinishedAt)> _known = new(StringComparer.Ordinal);

    /// <summary>Device-seconds.</summary>
    public async Task<double> OfAsync(SweepRecord sweep, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(sweep.Id, out var known) && known.FinishedAt == sweep.FinishedAt && (sweep.State.IsFinal() || time.GetElapsedTime(known.At) < Fresh))
            return known.Seconds;
        var seconds = (await store.ReadCostAsync(sweep.Id, cancellationToken)).DeviceSeconds;
        if (_known.Count >= MostKept)
            _known.Clear();
        _known[sweep.Id] = (seconds, time.GetTimestamp(), sweep.FinishedAt);
        return seconds;
    }
}
