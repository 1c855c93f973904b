using System.Globalization;
using Sweep.Contracts.Plans;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>A request's recipes over items as a plan, whose stage of impacts measures them.</summary>
internal static class MeasuringPlan
{
    private const string Name = "identify";

    /// <returns>Null: the request has no recipe over items.</returns>
    /// <exception cref="InvalidPlanException">A plan cannot ask for this.</exception>
    public static SweepPlan? Of(IdentifyRequest request, IReadOnlyList<(int Layer, Site Site)> places)
    {
        var recipes = request.Recipes.Where(ImpactRecipes.Contains).Distinct().ToArray();
        if (recipes.Length == 0)
            return null;
        var items = request.Benchmarks.Select(benchmark => benchmark.Items ?? int.MaxValue).Distinct().ToArray();
        if (items.Length > 1)
            throw new InvalidPlanException($"benchmarks: found {string.Join(" and ", items.Order())} items, expected as many of each where a sweep measures them");
        return new SweepPlan
        {
            Name = Name,
            Models = [request.Model],
            Benchmarks = [.. request.Benchmarks.Select(benchmark => benchmark with { Items = null })],
            Bottlenecks = [.. places.SelectMany(place => recipes.Select(recipe => new BottleneckPlan
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"layer{place.Layer}-{place.Site}-{recipe}"),
                Layer = place.Layer,
                Site = place.Site.ToString(),
                Channels = new ChannelsPlan { Top = request.Top, By = recipe },
            }))],
            Calibration = recipes.Contains(ImpactRecipes.MeanAblation) ? request.Texts : null,
            Identify = new IdentifyPlan { Items = items[0], Scalars = request.Scalars },
            Split = request.Split,
            ContextLimit = request.ContextLimit,
            Seed = request.Seed,
            Precision = request.Precision,
        };
    }
}
