using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
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
    public static ResolvedPlan Of(
        SweepPlan plan,
        IReadOnlyList<OpenModel> models,
        IReadOnlyList<OpenBenchmark> measured,
        IReadOnlyList<IReadOnlyList<OpenBottleneck>> bottlenecks,
        IReadOnlyList<SelectionItems?> items,
        string numericsId) => new()
        {
            Models = [.. models.Select(model => model.Resolved)],
            Benchmarks = [.. items[0]!.ByBenchmark.Select(chosen => Benchmark(measured.Single(benchmark => benchmark.Resolved.Name == chosen.Benchmark).Resolved, [.. chosen.Items.Select(item => item.Id)]))],
            Bottlenecks = [.. bottlenecks.Index().SelectMany(model => Ranked(model.Item).SelectMany(place => Channels(model.Index, place, plan.Identify ?? new IdentifyPlan())))],
            NumericsId = numericsId,
        };

    /// <summary>What a set of the stage measures.</summary>
    public static ImpactRow Row(ResolvedBottleneck single, double? scalar)
    {
        var change = single.Interventions[0];
        return new ImpactRow(
            (change.Layer, Enum.Parse<Site>(change.Site)),
            change.Operation == nameof(Operation.Scale) ? ImpactRecipes.Scaling : ImpactRecipes.Ablation,
            ImpactRecipes.NameOf(scalar),
            change.Channels[0]);
    }

    private static ResolvedBenchmark Benchmark(ResolvedBenchmark benchmark, HashSet<string> ids) => benchmark with
    {
        Items = [.. benchmark.Items.Where(item => ids.Contains(item.Id))],
        Measures = [Measure.LogLikelihood],
        MaxNewTokens = null,
    };

    private static IEnumerable<(OpenPart Part, string Recipe)> Ranked(IReadOnlyList<OpenBottleneck> bottlenecks) =>
        bottlenecks.SelectMany(bottleneck => bottleneck.Parts).Where(part => part.NeedsItems).Select(part => (Part: part, Recipe: part.Channels.By!)).DistinctBy(ranked => (ranked.Part.Place, ranked.Recipe));

    private static IEnumerable<ResolvedBottleneck> Channels(int model, (OpenPart Part, string Recipe) ranked, IdentifyPlan identify) =>
        Enumerable.Range(0, ranked.Part.Width).Select(channel => new ResolvedBottleneck
        {
            Model = model,
            Name = $"layer {ranked.Part.Layer} {ranked.Part.Site} {channel} by {ranked.Recipe}",
            Role = BottleneckRole.Bottleneck,
            Recipe = $"one channel, for {ranked.Recipe}",
            Scalars = ranked.Recipe == ImpactRecipes.Scaling ? [.. ImpactRecipes.Changing(identify.Scalars).Order()] : [],
            Interventions =
            [
                new InterventionSpec
                {
                    Layer = ranked.Part.Layer,
                    Site = ranked.Part.Site.ToString(),
                    Operation = (ranked.Recipe == ImpactRecipes.Scaling ? Operation.Scale : Operation.ZeroAblate).ToString(),
                    Positions = nameof(PositionScope.All),
                    Channels = [channel],
                },
            ],
        });
}
