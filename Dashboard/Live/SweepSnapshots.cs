using System.Collections.Concurrent;
using Sweep.Contracts.Store;

namespace Sweep.Dashboard.Live;

/// <summary>Snapshots for those who come once: what a feed holds that somebody looks at, else a reading of their own. Sweeps at their end are kept, a few of them.</summary>
internal sealed class SweepSnapshots(SweepFeeds feeds, ISweepStore store, IGrainFactory grains, LiveScope scope, TimeProvider time)
{
    private const int MostKept = 16;
    private readonly ConcurrentDictionary<string, SweepSnapshot> _ended = new(StringComparer.Ordinal);

    /// <summary>Null: there is no such sweep.</summary>
    public async Task<SweepSnapshot?> FindAsync(string sweepId, CancellationToken cancellationToken)
    {
        if (feeds.Of(sweepId) is { Viewers: > 0, Current: { } known })
            return known;
        try
        {
            // The same object again where nothing has happened since.
            var found = await new SweepReader(sweepId, store, grains, scope, time).ReadAsync(_ended.GetValueOrDefault(sweepId), cancellationToken);
            if (!found.IsRunning)
                Keep(found);
            return found;
        }
        catch (UnknownSweepException)
        {
            _ended.TryRemove(sweepId, out _);
            return null;
        }
    }

    private void Keep(SweepSnapshot snapshot)
    {
        if (_ended.Count >= MostKept && !_ended.ContainsKey(snapshot.Sweep.Id))
            _ended.Clear();
        _ended[snapshot.Sweep.Id] = snapshot;
    }
}
