using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Execution.Hub;

namespace Sweep.Cli.Hub;

/// <summary>Fetches a plan's models of a hub where somebody watches, before a run or an estimate begins that would do it in silence.</summary>
internal static class PlanModels
{
    /// <exception cref="HubFailedException">One cannot be had.</exception>
    public static async Task FetchAsync(SweepPlan plan, ISweepStore store, HubOptions options, CancellationToken cancellationToken)
    {
        if (!options.Fetch || !plan.Models.Any(HubModel.IsNamedBy))
            return;

        // A sweep that was resolved goes on with the commits of then, without asking anybody.
        var before = await LatestResolution.FindAsync(store, plan, cancellationToken);
        using var hub = HubArguments.Open(options);
        foreach (var name in (before?.Models.Select(model => model.Path) ?? plan.Models).Where(HubModel.IsNamedBy))
        {
            if (HubModel.Parse(name, out _) is not { } model || (model.IsPinned && hub.Cache.Find(model) is not null))
                continue;
            var pull = await hub.PrepareAsync(model, cancellationToken);
            if (pull.MissingBytes > 0)
                PullView.Print(pull, options.Endpoint, Console.Error);
            await hub.PullAsync(pull, pull.MissingBytes > 0 ? new PullView.Progress(Console.Error) : null, cancellationToken);
        }
    }
}
