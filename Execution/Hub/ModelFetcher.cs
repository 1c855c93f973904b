using Sweep.Contracts.Execution;
using Sweep.Contracts.Plans;

namespace Sweep.Execution.Hub;

/// <summary>Plans' models of a hub: which commit they are, and that they are here.</summary>
internal sealed class ModelFetcher(ModelHub hub, HubOptions options) : IModelFetcher
{
    public bool AreHere(IReadOnlyList<string> models) => models.Where(HubModel.IsNamedBy).All(name => HubModel.Parse(name, out _) is { } model && hub.Cache.Find(model) is not null);

    public async Task FetchAsync(IReadOnlyList<string> models, CancellationToken cancellationToken)
    {
        foreach (var name in models.Where(HubModel.IsNamedBy))
            await FindAsync(name, mayFetch: true, cancellationToken);
    }

    /// <summary>The model whole, of the commit that its revision is now; where nothing may be fetched, that it was when it was last asked for.</summary>
    /// <exception cref="HubFailedException">It is not here and cannot be had.</exception>
    public async Task<CachedModel> FindAsync(string name, bool mayFetch, CancellationToken cancellationToken)
    {
        var model = HubModel.Parse(name, out var problem) ?? throw new HubFailedException(name, problem, "the name of a hub's model");
        var here = model.IsPinned || !mayFetch || !options.Fetch ? hub.Cache.Find(model) : null;
        if (here is not null)
            return here;
        if (!options.Fetch)
            throw new HubFailedException(hub.Cache.Root, $"no {model}", $"it, as {HubOptions.Key}:{nameof(HubOptions.Fetch)} is false; 'sweep models pull {model.Repository}@{model.Revision}' fetches it");
        if (!mayFetch)
            throw new HubFailedException(hub.Cache.Root, $"no {model}", $"it, as nothing is fetched for an estimate; 'sweep models pull {model.Repository}@{model.Revision}' fetches it, and so does the sweep");
        return await hub.PullAsync(await hub.PrepareAsync(model, cancellationToken), progress: null, cancellationToken);
    }
}
