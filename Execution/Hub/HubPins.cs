using Sweep.Contracts.Plans;

namespace Sweep.Execution.Hub;

/// <summary>Turns the hub's models of a plan into commits that are here.</summary>
internal sealed class HubPins(ModelFetcher fetcher)
{
    /// <summary>By how the plan names them; without those that have a problem.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="mayFetch">False: only what is here counts, as for an estimate, which must not bring gigabytes.</param>
    /// <param name="problems">What is wrong is added.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyDictionary<string, HubProvenance>> OfAsync(SweepPlan plan, bool mayFetch, List<string> problems, CancellationToken cancellationToken)
    {
        var pins = new Dictionary<string, HubProvenance>(StringComparer.Ordinal);
        foreach (var (index, name) in plan.Models.Index().Where(model => HubModel.IsNamedBy(model.Item)))
        {
            try
            {
                var cached = await fetcher.FindAsync(name, mayFetch, cancellationToken);
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
