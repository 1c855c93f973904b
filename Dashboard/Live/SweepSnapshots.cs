using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Dashboard.Live;

/// <summary>Sweeps for those who come once: what their feeds hold, or another reading of the feed's, so that what was read before is not read again.</summary>
internal sealed class SweepSnapshots(SweepFeeds feeds, ISweepStore store)
{
    /// <summary>Null: there is no such sweep.</summary>
    public async Task<SweepSnapshot?> FindAsync(string sweepId, CancellationToken cancellationToken)
    {
        try
        {
            return await feeds.Of(sweepId).ReadAsync(cancellationToken);
        }
        catch (UnknownSweepException)
        {
            feeds.Forget(sweepId);
            return null;
        }
    }

    /// <summary>A sweep and its resolved plan, without anything that it has measured. Null: there is no such sweep, or it is not resolved yet.</summary>
    public async Task<(SweepRecord Sweep, ResolvedPlan Resolved)?> FindPlanAsync(string sweepId, CancellationToken cancellationToken)
    {
        if (await store.FindSweepAsync(sweepId, cancellationToken) is not { } sweep)
            return null;
        // A resolution stays as it is.
        return (feeds.Find(sweepId)?.Current?.Resolved ?? await store.LoadResolutionAsync(sweepId, cancellationToken)) is { } resolved ? (sweep, resolved) : null;
    }
}
