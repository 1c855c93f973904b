using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Execution.Hub;

namespace Sweep.Cli.Hub;

/// <summary>Fetches models of a hub where somebody watches, before a command begins that would do it in silence or needs them here.</summary>
internal static class HubModels
{
    /// <summary>Those of a plan.</summary>
    /// <exception cref="HubFailedException">One cannot be had.</exception>
    public static async Task FetchAsync(SweepPlan plan, ISweepStore store, HubOptions options, CancellationToken cancellationToken)
    {
        if (!plan.Models.Any(HubModel.IsNamedBy))
            return;

        // A sweep that was resolved goes on with the commits of then, without asking anybody.
        var before = await LatestResolution.FindAsync(store, plan, cancellationToken);
        await FetchAsync(before?.Models.Select(model => model.Path) ?? plan.Models, options, cancellationToken);
    }

    /// <param name="names">As plans name models; folders need no fetching.</param>
    /// <param name="options">Whether, from where and to where.</param>
    /// <param name="cancellationToken">Leaves parts that the next time goes on with.</param>
    /// <exception cref="HubFailedException">One cannot be had.</exception>
    public static async Task FetchAsync(IEnumerable<string> names, HubOptions options, CancellationToken cancellationToken)
    {
        HubModel[] models = options.Fetch ? [.. names.Where(HubModel.IsNamedBy).Select(name => HubModel.Parse(name, out _)).OfType<HubModel>()] : [];
        if (models.Length == 0)
            return;
        using var hub = HubArguments.Open(options);
        foreach (var model in models.Where(model => !model.IsPinned || hub.Cache.Find(model) is null))
        {
            var pull = await hub.PrepareAsync(model, cancellationToken);
            if (pull.MissingBytes > 0)
                PullView.Print(pull, options.Endpoint, Console.Error);
            await hub.PullAsync(pull, pull.MissingBytes > 0 ? new PullView.Progress(Console.Error) : null, cancellationToken);
        }
    }
}
