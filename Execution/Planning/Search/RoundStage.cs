using Sweep.Contracts.Plans;
using Sweep.Execution.Summaries;

namespace Sweep.Execution.Planning.Search;

/// <summary>A round of a search: the scalars of each set that are in on each benchmark, on the selection items of the round. What is in, by bottleneck and benchmark, is called its entries.</summary>
internal static class RoundStage
{
    /// <param name="stage">The round's plan.</param>
    /// <param name="grid">The plan's full grid.</param>
    /// <param name="before">The round before it; null: it is the first.</param>
    /// <param name="entries">By bottleneck.</param>
    /// <exception cref="InvalidPlanException">A benchmark has no item that scalars could be chosen on, or none that the choice could be reported on.</exception>
    public static ResolvedPlan Of(SweepPlan stage, ResolvedPlan grid, ResolvedPlan? before, IReadOnlyList<IReadOnlyList<ScalarsInRound>> entries)
    {
        var selected = Selected(stage, grid);
        var resolved = selected with { Bottlenecks = [.. selected.Bottlenecks.Zip(entries, (bottleneck, ofOne) => bottleneck with { Round = ofOne })] };
        return resolved with { Search = (before?.Search ?? SearchRecord.Begin(stage, grid)).With(stage, resolved, before) };
    }

    public static IReadOnlyList<IReadOnlyList<ScalarsInRound>> First(SweepPlan stage, ResolvedPlan grid)
    {
        var benchmarks = Enumerable.Range(0, Selected(stage, grid).Benchmarks.Count).ToArray();
        return
        [
            .. grid.Bottlenecks.Select(bottleneck => Rule(stage).First(stage, Steered(bottleneck)))
                .Select(scalars => (IReadOnlyList<ScalarsInRound>)[.. benchmarks.Select(benchmark => new ScalarsInRound { Benchmark = benchmark, Scalars = scalars, Dropped = [] })]),
        ];
    }

    /// <param name="stage">The round's plan.</param>
    /// <param name="before">The round before it.</param>
    /// <param name="standings">What came of that, by bottleneck.</param>
    public static IReadOnlyList<IReadOnlyList<ScalarsInRound>> Next(SweepPlan stage, ResolvedPlan before, IReadOnlyList<IReadOnlyList<SetStandings>> standings) =>
    [
        .. before.Bottlenecks.Zip(standings, (bottleneck, ofOne) => (IReadOnlyList<ScalarsInRound>)
        [
            .. ofOne.Select(set =>
            {
                var scalars = Rule(stage).Next(stage, Steered(bottleneck), set);
                var dropped = set.Steered.Where(standing => !scalars.Contains(standing.Scalar!.Value)).Select(standing => Trial(standing, stage.Search!.Round - 1));
                return new ScalarsInRound { Benchmark = set.Benchmark, Scalars = scalars, Dropped = [.. Entry(bottleneck, set.Benchmark).Dropped, .. dropped] };
            }),
        ]),
    ];

    /// <summary>Standings of a round before it is run: nothing is known of its scalars, which are in their own order.</summary>
    public static IReadOnlyList<IReadOnlyList<SetStandings>> Unknown(ResolvedPlan round) =>
    [
        .. round.Bottlenecks.Select(bottleneck => (IReadOnlyList<SetStandings>)
        [
            .. bottleneck.Round!.Select(entry => new SetStandings
            {
                Benchmark = entry.Benchmark,
                BestFirst = [.. entry.Scalars.Select(scalar => new ScalarStanding { Scalar = scalar, IsIdentity = false, Items = 0, Diverged = 0 })],
            }),
        ]),
    ];

    /// <summary>What is told of a choice after the last round. Its gain is that on items that others were dropped on before: no part of them is left to correct it with.</summary>
    public static FrozenChoice Told(ResolvedBottleneck bottleneck, FrozenChoice choice, SetStandings last)
    {
        ScalarTrial[] trials = [.. Entry(bottleneck, last.Benchmark).Dropped, .. last.Steered.Select(standing => Trial(standing, droppedAfter: null))];
        return choice with
        {
            Tried = trials.Length + last.BestFirst.Count - last.Steered.Count(),
            Diverged = trials.Sum(trial => trial.Diverged),
            Gain = choice.Gain is { } gain ? gain with { Corrected = null } : null,
            Trials = trials,
        };
    }

    private static ScalarTrial Trial(ScalarStanding standing, int? droppedAfter) =>
        new() { Scalar = standing.Scalar!.Value, DroppedAfter = droppedAfter, Items = standing.Items, Effect = standing.Effect, Diverged = standing.Diverged };

    private static ScalarsInRound Entry(ResolvedBottleneck bottleneck, int benchmark) => bottleneck.Round!.Single(entry => entry.Benchmark == benchmark);

    private static ResolvedPlan Selected(SweepPlan stage, ResolvedPlan grid) => SelectionStage.Of(grid, selectionItems => Rule(stage).Items(stage, selectionItems));

    private static double[] Steered(ResolvedBottleneck bottleneck) => [.. bottleneck.Scalars.Where(scalar => PlanExpander.At(bottleneck, scalar).Count > 0)];

    private static IRoundRule Rule(SweepPlan stage) => stage.Search!.Method switch
    {
        SearchPlan.Race => new RaceRule(),
        SearchPlan.Fit => new CurveRule(),
        var method => throw new ArgumentException($"'{method}' has no rounds", nameof(stage)),
    };
}
