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
            await FetchAsync(name, cancellationToken);
    }

    /// <summary>The model whole, of the commit that its revision is now.</summary>
    /// <exception cref="HubFailedException">It is not here and cannot be had.</exception>
    public async Task<CachedModel> FetchAsync(string name, CancellationToken cancellationToken)
    {
        var model = HubModel.Parse(name, out var problem) ?? throw new HubFailedException(name, problem, "the name of a hub's model");
        var here = model.IsPinned || !options.Fetch ? hub.Cache.Find(model) : null;
        if (here is not null)
            return here;
        if (!options.Fetch)
            throw new HubFailedException(hub.Cache.Root, $"no {model}", $"it, as {HubOptions.Key}:{nameof(HubOptions.Fetch)} is false; 'sweep models pull {model.Repository}@{model.Revision}' fetches it");
        return await hub.PullAsync(await hub.PrepareAsync(model, cancellationToken), progress: null, cancellationToken);
    }
}
