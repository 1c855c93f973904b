using Sweep.Contracts.Plans;
using Sweep.Execution.Summaries;

namespace Sweep.Execution.Planning.Search;

/// <summary>What a set chooses for a benchmark that no scalar was tried on: the scalar with the highest mean effect over the items of all benchmarks of the stage.</summary>
internal static class PooledChoice
{
    /// <param name="stage">What was run.</param>
    /// <param name="standings">What came of it, by bottleneck.</param>
    /// <returns>By bottleneck; of no benchmark yet.</returns>
    public static IReadOnlyList<FrozenChoice> Of(ResolvedPlan stage, IReadOnlyList<IReadOnlyList<SetStandings>> standings) => [.. stage.Bottlenecks.Zip(standings, Of)];

    private static FrozenChoice Of(ResolvedBottleneck bottleneck, IReadOnlyList<SetStandings> ofSet)
    {
        var byScalar = ofSet.SelectMany(set => set.BestFirst).ToLookup(standing => standing.Scalar);
        (double? Scalar, double? Statistic)[] candidates = [.. byScalar.Select(group => (group.Key, Mean([.. group])))];
        var identity = byScalar.FirstOrDefault(group => group.Any(standing => standing.IsIdentity))?.Key ?? 1;
        return new FrozenChoice
        {
            Benchmark = -1,
            Scalar = candidates[ScalarChoice.Best(candidates, identity)].Scalar,
            SelectionItems = 0,
            Tried = Math.Max(1, bottleneck.Scalars.Count),
            Diverged = 0,
        };
    }

    /// <summary>Null: an item diverged somewhere.</summary>
    private static double? Mean(IReadOnlyList<ScalarStanding> standings) =>
        standings.Any(standing => standing.Effect is null) ? null : standings.Sum(standing => standing.Effect!.Value * standing.Items) / Math.Max(1, standings.Sum(standing => standing.Items));
}
