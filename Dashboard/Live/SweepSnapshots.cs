using Sweep.Contracts.Store;

namespace Sweep.Dashboard.Live;

/// <summary>Snapshots for those who come once: what a feed holds already, else a reading of their own.</summary>
internal sealed class SweepSnapshots(SweepFeeds feeds, ISweepStore store, IGrainFactory grains, LiveScope scope, TimeProvider time)
{
    /// <summary>Null: there is no such sweep.</summary>
    public async Task<SweepSnapshot?> FindAsync(string sweepId, CancellationToken cancellationToken)
    {
        if (feeds.Of(sweepId).Current is { } known && (!known.IsRunning || feeds.Of(sweepId).Viewers > 0))
            return known;
        try
        {
            return await new SweepReader(sweepId, store, grains, scope, time).ReadAsync(null, cancellationToken);
        }
        catch (UnknownSweepException)
        {
            return null;
        }
    }
}
