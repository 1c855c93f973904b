using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Execution.Calibration;
using Sweep.Execution.Identification;
using Sweep.Models.Steering;

namespace Sweep.Execution.Planning.Search;

/// <summary>
/// The stage that measures a plan's recipes over items: every channel of their places is a set of its own, changed alone, on the items that identification may see, by the log-likelihood of
/// the golds.
/// </summary>
internal static class ImpactStage
{
    /// <param name="bottlenecks">Of each model.</param>
    /// <param name="items">Of each model; they differ in their tokens only.</param>
    /// <param name="means">Of each model, where a recipe needs them; none where the plan is only counted, then they are 0.</param>
    /// <param name="text">Behind the means.</param>
    public static ResolvedPlan Of(
        SweepPlan plan,
        IReadOnlyList<OpenModel> models,
        IReadOnlyList<OpenBenchmark> measured,
        IReadOnlyList<IReadOnlyList<OpenBottleneck>> bottlenecks,
        IReadOnlyList<SelectionItems?> items,
        IReadOnlyList<IReadOnlyDictionary<(int Layer, Site Site), SiteStatistics>> means,
        CalibrationText? text,
        string numericsId) => new()
        {
            Models = [.. models.Select(model => model.Resolved)],
            Benchmarks = [.. items[0]!.ByBenchmark.Select(chosen => Benchmark(measured.Single(benchmark => benchmark.Resolved.Name == chosen.Benchmark).Resolved, [.. chosen.Items.Select(item => item.Id)]))],
            Bottlenecks = [.. bottlenecks.Index().SelectMany(model => Ranked(model.Item).SelectMany(place => Channels(model.Index, place, plan.Identify ?? new IdentifyPlan(), means.ElementAtOrDefault(model.Index), text)))],
            NumericsId = numericsId,
        };

    /// <summary>What a set of the stage measures.</summary>
    public static ImpactRow Row(ResolvedBottleneck single, double? scalar)
    {
        var change = single.Interventions[0];
        var recipe = ImpactRecipes.Of(Enum.Parse<Operation>(change.Operation));
        return new ImpactRow((change.Layer, Enum.Parse<Site>(change.Site)), recipe, ImpactRecipes.NameOf(recipe, scalar), change.Channels[0]);
    }

    /// <summary>What a set of the stage is for, and of means over which text.</summary>
    public static string RecipeOf(string recipe, CalibrationText? text) => recipe == ImpactRecipes.MeanAblation ? $"one channel, for {recipe} over text {text!.Hash}" : $"one channel, for {recipe}";

    private static ResolvedBenchmark Benchmark(ResolvedBenchmark benchmark, HashSet<string> ids) => benchmark with
    {
        Items = [.. benchmark.Items.Where(item => ids.Contains(item.Id))],
        Measures = [Measure.LogLikelihood],
        MaxNewTokens = null,
    };

    private static IEnumerable<(OpenPart Part, string Recipe)> Ranked(IReadOnlyList<OpenBottleneck> bottlenecks) =>
        bottlenecks.SelectMany(bottleneck => bottleneck.Parts).Where(part => part.NeedsItems).Select(part => (Part: part, Recipe: part.Channels.By!)).DistinctBy(ranked => (ranked.Part.Place, ranked.Recipe));

    private static IEnumerable<ResolvedBottleneck> Channels(
        int model, (OpenPart Part, string Recipe) ranked, IdentifyPlan identify, IReadOnlyDictionary<(int Layer, Site Site), SiteStatistics>? means, CalibrationText? text)
    {
        var (part, recipe) = ranked;
        return Enumerable.Range(0, part.Width).Select(channel => new ResolvedBottleneck
        {
            Model = model,
            Name = $"layer {part.Layer} {part.Site} {channel} by {recipe}",
            Role = BottleneckRole.Bottleneck,
            Recipe = RecipeOf(recipe, text),
            Scalars = recipe == ImpactRecipes.Scaling ? [.. ImpactRecipes.Changing(identify.Scalars).Order()] : [],
            Interventions =
            [
                new InterventionSpec
                {
                    Layer = part.Layer,
                    Site = part.Site.ToString(),
                    Operation = ImpactRecipes.OperationOf(recipe).ToString(),
                    Positions = nameof(PositionScope.All),
                    Channels = [channel],
                    Values = recipe == ImpactRecipes.MeanAblation ? [means is null ? 0 : means[part.Place].Means[channel]] : null,
                },
            ],
        });
    }
}
