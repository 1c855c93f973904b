using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Execution.Summaries;

namespace Sweep.Execution.Planning.Search;

/// <summary>
/// Resolves the stages of a search, and every other plan as it is. A stage reads the rows of the one before it and takes what is best there as the summary would: a round what goes on, the
/// last stage each set's scalar. What was decided is kept, the first decision that anybody made, so that whoever resolves the stage again gets the same.
/// </summary>
internal sealed class SearchResolver(PlanResolver grids, ISweepStore store) : IPlanResolver
{
    /// <exception cref="InvalidOperationException">The stage before it is not complete.</exception>
    public async Task<ResolvedPlan> ResolveAsync(SweepPlan plan, bool calibrate, CancellationToken cancellationToken)
    {
        var grid = await grids.ResolveAsync(plan, calibrate, cancellationToken);
        if (SearchStages.BeforeInSearch(plan) is { } stage)
            return await AfterAsync(stage, plan, grid, cancellationToken);
        return plan.Search switch
        {
            { Method: SearchPlan.Screen } search => SelectionStage.Screening(grid, search.Items ?? SearchPlan.UsualItems),
            { Round: not null } => RoundStage.Of(plan, grid, before: null, RoundStage.First(plan, grid)),
            _ => grid,
        };
    }

    private async Task<ResolvedPlan> AfterAsync(SweepPlan stage, SweepPlan plan, ResolvedPlan grid, CancellationToken cancellationToken)
    {
        var id = SweepIds.Of(stage);
        if (await store.FindSweepAsync(id, cancellationToken) is not { State: SweepState.Completed } || await store.LoadResolutionAsync(id, cancellationToken) is not { } before)
            throw new InvalidOperationException($"'{id}', whose rows the scalars of {plan.Name} are to be chosen by, is not complete");
        RequireSameFiles(grid, before);

        // The kind of device that the first stage ran on is that of the whole search.
        grid = grid with { NumericsId = before.NumericsId };
        if (plan.Search!.Round is not null)
        {
            var entries = await FirstWritten.OfAsync(
                store,
                plan,
                "entries",
                async () => RoundStage.Next(plan, before, await SweepAnswer.OfSetsAsync(stage, before, summary => summary.Standings(), Read)),
                cancellationToken);
            return RoundStage.Of(plan, grid, before, entries);
        }

        var choices = await FirstWritten.OfAsync(store, plan, "choices", () => ChoicesAsync(stage, before, Read), cancellationToken);
        var frozen = FrozenStage.Of(grid, Everywhere(grid, before, choices, await PooledAsync()));
        return frozen with { Search = (before.Search ?? SearchRecord.Begin(plan, grid).With(stage, before, before: null)).Ending(frozen) };

        async Task<IReadOnlyList<FrozenChoice>?> PooledAsync() => !LeftOut(grid, before).Any() ? null : await FirstWritten.OfAsync(
            store, plan, "pooled", async () => PooledChoice.Of(before, await SweepAnswer.OfSetsAsync(stage, before, summary => summary.Standings(), Read)), cancellationToken);

        Task<BenchmarkTable> Read(int benchmark, IReadOnlyCollection<JobId> jobs) => BenchmarkTable.ReadAsync(store, before.Benchmarks[benchmark], jobs, cancellationToken);
    }

    private static async Task<IReadOnlyList<IReadOnlyList<FrozenChoice>>> ChoicesAsync(SweepPlan stage, ResolvedPlan before, Func<int, IReadOnlyCollection<JobId>, Task<BenchmarkTable>> read)
    {
        if (stage.Search!.Round is null)
            return await SweepAnswer.ChoicesAsync(stage, before, read);
        var made = await SweepAnswer.OfSetsAsync(
            stage, before, summary => summary.Choices().Zip(summary.Standings(), (choice, standings) => (choice.Bottleneck, (choice.Choice, standings.Standings))), read);
        return [.. before.Bottlenecks.Zip(made, (bottleneck, ofOne) => (IReadOnlyList<FrozenChoice>)[.. ofOne.Select(one => RoundStage.Told(bottleneck, one.Choice, one.Standings))])];
    }

    /// <summary>The choices by bottleneck for all benchmarks of the grid, of which the stage before may have run some.</summary>
    private static IReadOnlyList<IReadOnlyList<FrozenChoice>> Everywhere(
        ResolvedPlan grid, ResolvedPlan before, IReadOnlyList<IReadOnlyList<FrozenChoice>> choices, IReadOnlyList<FrozenChoice>? pooled)
    {
        var places = grid.Benchmarks.Index().ToDictionary(pair => pair.Item.Name, pair => pair.Index, StringComparer.Ordinal);
        return
        [
            .. choices.Index().Select(pair => (IReadOnlyList<FrozenChoice>)
            [
                .. pair.Item.Select(choice => choice with { Benchmark = places[before.Benchmarks[choice.Benchmark].Name] })
                    .Concat(LeftOut(grid, before).Select(benchmark => pooled![pair.Index] with { Benchmark = benchmark }))
                    .OrderBy(choice => choice.Benchmark),
            ]),
        ];
    }

    private static IEnumerable<int> LeftOut(ResolvedPlan grid, ResolvedPlan before) => grid.Benchmarks.Index()
        .Where(pair => !SelectionStage.IsText(pair.Item) && before.Benchmarks.All(benchmark => benchmark.Name != pair.Item.Name)).Select(pair => pair.Index);

    /// <summary>A choice made on other files is none for these.</summary>
    private static void RequireSameFiles(ResolvedPlan grid, ResolvedPlan before)
    {
        if (Files(before).Except(Files(grid)).Select(file => file.Path).ToArray() is { Length: > 0 } changed)
            throw new InvalidPlanException($"search: found other contents in {string.Join(", ", changed)} than when scalars were chosen, expected the same. Give the plan another name to measure them");
        if (!Sets(before).SequenceEqual(Sets(grid)))
            throw new InvalidPlanException("search: found other bottlenecks and controls than when scalars were chosen, expected the same");
    }

    private static IEnumerable<(string Path, string Hash, string ReadBy)> Files(ResolvedPlan plan) =>
    [
        .. plan.Models.Select(model => (model.Path, model.WeightsHash, model.TokenizerHash)),
        .. plan.Benchmarks.Select(benchmark => (benchmark.Path, benchmark.DataHash, benchmark.PromptVersion)),
    ];

    private static IEnumerable<(int Model, string Name, int? Number, ControlKind? Kind)> Sets(ResolvedPlan plan) =>
        plan.Bottlenecks.Select(bottleneck => (bottleneck.Model, bottleneck.Name, bottleneck.ControlIndex, bottleneck.Kind));
}
