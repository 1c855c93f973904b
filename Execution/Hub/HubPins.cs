using Sweep.Contracts.Plans;

namespace Sweep.Execution.Hub;

/// <summary>Turns the hub's models of a plan into commits that are here.</summary>
internal sealed class HubPins(ModelFetcher fetcher)
{
    /// <summary>By how the plan names them; without those that have a problem.</summary>
    public async Task<IReadOnlyDictionary<string, HubProvenance>> OfAsync(SweepPlan plan, List<string> problems, CancellationToken cancellationToken)
    {
        var pins = new Dictionary<string, HubProvenance>(StringComparer.Ordinal);
        foreach (var (index, name) in plan.Models.Index().Where(model => HubModel.IsNamedBy(model.Item)))
        {
            try
            {
                var cached = await fetcher.FetchAsync(name, cancellationToken);
                pins[name] = cached.Provenance with { Revision = HubModel.Parse(name, out _)!.Revision };
            }
            catch (HubFailedException failure)
            {
                problems.Add($"models[{index}]: {failure.Message}");
            }
        }

        return pins;
    }
}
