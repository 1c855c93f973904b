using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Cli;

/// <summary>What a sweep was resolved to, or the last of its stages that was: of the same models and sets, but without what that does not run, plain text for instance.</summary>
internal static class LatestResolution
{
    /// <summary>Null: nothing of it was resolved yet.</summary>
    public static async Task<ResolvedPlan?> FindAsync(ISweepStore store, SweepPlan plan, CancellationToken cancellationToken)
    {
        for (var stage = plan; stage is not null; stage = SearchStages.Before(stage))
        {
            if (await store.LoadResolutionAsync(SweepIds.Of(stage), cancellationToken) is { } resolved)
                return resolved;
        }

        return null;
    }
}
