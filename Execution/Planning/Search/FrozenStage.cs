using Sweep.Contracts.Plans;

namespace Sweep.Execution.Planning.Search;

/// <summary>The last stage of a search: on the items of the test split every set at the scalar that was chosen before, and the baseline, with all measures of the plan.</summary>
internal static class FrozenStage
{
    /// <param name="grid">The plan's full grid.</param>
    /// <param name="choices">By bottleneck of the grid, one a benchmark that is no plain text.</param>
    public static ResolvedPlan Of(ResolvedPlan grid, IReadOnlyList<IReadOnlyList<FrozenChoice>> choices) => grid with
    {
        Benchmarks = [.. grid.Benchmarks.Select(benchmark => benchmark with { Items = [.. benchmark.Items.Where(item => item.Split == ItemSplit.Test)] })],
        Bottlenecks = [.. grid.Bottlenecks.Zip(choices, Frozen)],
    };

    /// <summary>Before anything is chosen: what the stage comes to at most, if each benchmark chooses another scalar of every set.</summary>
    public static ResolvedPlan AtMost(ResolvedPlan grid) => Of(grid, [.. grid.Bottlenecks.Select(bottleneck => AnyChoices(grid, bottleneck))]);

    private static ResolvedBottleneck Frozen(ResolvedBottleneck bottleneck, IReadOnlyList<FrozenChoice> choices) => bottleneck with
    {
        Scalars = [.. bottleneck.Scalars.Where(scalar => choices.Any(choice => choice.Scalar == scalar) || PlanExpander.At(bottleneck, scalar).Count == 0)],
        Choices = choices,
    };

    private static FrozenChoice[] AnyChoices(ResolvedPlan grid, ResolvedBottleneck bottleneck)
    {
        double[] steered = [.. bottleneck.Scalars.Where(scalar => PlanExpander.At(bottleneck, scalar).Count > 0)];
        return
        [
            .. grid.Benchmarks.Index().Where(pair => !SelectionStage.IsText(pair.Item)).Select(pair => new FrozenChoice
            {
                Benchmark = pair.Index,
                Scalar = steered.Length > 0 ? steered[pair.Index % steered.Length] : bottleneck.Scalars.Count > 0 ? bottleneck.Scalars[0] : null,
                SelectionItems = 0,
                Tried = Math.Max(1, bottleneck.Scalars.Count),
                Diverged = 0,
            }),
        ];
    }
}
