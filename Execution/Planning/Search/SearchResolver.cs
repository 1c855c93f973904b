using System.Text.Json;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Execution.Summaries;

namespace Sweep.Execution.Planning.Search;

/// <summary>
/// Resolves the stages of a search, and every other plan as it is. The last stage reads the rows of the first, chooses each set's scalar as the summary would and keeps the choices,
/// the first ones that anybody made, so that whoever resolves it again gets the same.
/// </summary>
internal sealed class SearchResolver(PlanResolver grids, ISweepStore store) : IPlanResolver
{
    /// <exception cref="InvalidOperationException">The stage before it is not complete.</exception>
    public async Task<ResolvedPlan> ResolveAsync(SweepPlan plan, bool calibrate, CancellationToken cancellationToken)
    {
        var grid = await grids.ResolveAsync(plan, calibrate, cancellationToken);
        return plan.Search switch
        {
            { Method: SearchPlan.Screen } search => ScreeningStage.Of(grid, search.Items ?? SearchPlan.UsualItems),
            { Method: SearchPlan.Screening } => await FreezeAsync(plan, grid, cancellationToken),
            _ => grid,
        };
    }

    private async Task<ResolvedPlan> FreezeAsync(SweepPlan plan, ResolvedPlan grid, CancellationToken cancellationToken)
    {
        var stage = SearchStages.BeforeInSearch(plan)!;
        var id = SweepIds.Of(stage);
        if (await store.FindSweepAsync(id, cancellationToken) is not { State: SweepState.Completed } || await store.LoadResolutionAsync(id, cancellationToken) is not { } screened)
            throw new InvalidOperationException($"'{id}', whose rows the scalars of {plan.Name} are to be chosen by, is not complete");
        RequireSameFiles(grid, screened);

        // The kind of device that the first stage ran on is that of the whole search.
        var frozen = FrozenStage.Of(grid with { NumericsId = screened.NumericsId }, await ChoicesAsync(plan, grid, stage, screened, cancellationToken));
        return frozen with { Search = SearchRecord.Of(plan, stage, screened, frozen, grid) };
    }

    private async Task<IReadOnlyList<IReadOnlyList<FrozenChoice>>> ChoicesAsync(
        SweepPlan plan, ResolvedPlan grid, SweepPlan stage, ResolvedPlan screened, CancellationToken cancellationToken)
    {
        var key = $"planning/{SweepIds.Of(plan)}/choices";
        if (await store.FindArtifactAsync(key, cancellationToken) is null)
        {
            var made = await SweepAnswer.ChoicesAsync(
                stage, screened, (benchmark, jobs) => BenchmarkTable.ReadAsync(store, screened.Benchmarks[benchmark], jobs, cancellationToken));
            await store.SaveArtifactAsync(key, JsonSerializer.SerializeToUtf8Bytes(made, SweepJson.Options), cancellationToken);
        }

        var choices = JsonSerializer.Deserialize<IReadOnlyList<IReadOnlyList<FrozenChoice>>>((await store.FindArtifactAsync(key, cancellationToken))!, SweepJson.Options)!;
        var places = grid.Benchmarks.Index().ToDictionary(pair => pair.Item.Name, pair => pair.Index, StringComparer.Ordinal);
        return [.. choices.Select(ofOne => (IReadOnlyList<FrozenChoice>)[.. ofOne.Select(choice => choice with { Benchmark = places[screened.Benchmarks[choice.Benchmark].Name] })])];
    }

    /// <summary>A choice made on other files is none for these.</summary>
    private static void RequireSameFiles(ResolvedPlan grid, ResolvedPlan screened)
    {
        if (Files(screened).Except(Files(grid)).Select(file => file.Path).ToArray() is { Length: > 0 } changed)
            throw new InvalidPlanException($"search: found other contents in {string.Join(", ", changed)} than when scalars were chosen, expected the same. Give the plan another name to measure them");
        if (!Sets(screened).SequenceEqual(Sets(grid)))
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
