using System.Collections.Concurrent;
using Sweep.Contracts.Store;
using Sweep.Persistence.Queries;

namespace Sweep.Dashboard.Live;

/// <summary>What sweeps cost, read once for all who look at a list: of one at its end once, of a running one now and then.</summary>
internal sealed class SweepCosts(ISweepStore store, TimeProvider time)
{
    private const int MostKept = 10_000;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, (double Seconds, long At, DateTimeOffset? FinishedAt)> _known = new(StringComparer.Ordinal);

    /// <summary>Device-seconds of each; those that are not known are read together.</summary>
    public async Task<IReadOnlyDictionary<string, double>> OfAsync(IReadOnlyCollection<SweepRecord> sweeps, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, double>(StringComparer.Ordinal);
        var missing = new List<SweepRecord>();
        foreach (var sweep in sweeps)
        {
            if (_known.TryGetValue(sweep.Id, out var known) && known.FinishedAt == sweep.FinishedAt && (sweep.State.IsFinal() || time.GetElapsedTime(known.At) < Fresh))
                found[sweep.Id] = known.Seconds;
            else
                missing.Add(sweep);
        }

        if (missing.Count == 0)
            return found;
        var sums = await store.Queries().SumDeviceSecondsAsync([.. missing.Select(sweep => sweep.Id)], cancellationToken);
        if (_known.Count >= MostKept)
            _known.Clear();
        foreach (var sweep in missing)
        {
            found[sweep.Id] = sums.GetValueOrDefault(sweep.Id);
            _known[sweep.Id] = (found[sweep.Id], time.GetTimestamp(), sweep.FinishedAt);
        }

        return found;
    }
}
