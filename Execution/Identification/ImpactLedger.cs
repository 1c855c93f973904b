using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Execution.Calibration;
using Sweep.Execution.Planning;
using Sweep.Execution.Planning.Search;
using Sweep.Execution.Summaries;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>A plan's stage of impacts, complete.</summary>
internal sealed record ImpactMeasurement(SweepPlan Plan, ResolvedPlan Resolved);

/// <summary>Ranks channels by the rows that a plan's stage of impacts left in the ledger.</summary>
internal sealed class ImpactLedger(ISweepStore store)
{
    /// <returns>Null: the plan has no recipe over items, or the stage is not complete in the store (any more).</returns>
    public async Task<ImpactMeasurement?> FindAsync(SweepPlan plan, CancellationToken cancellationToken)
    {
        if (ImpactStages.Of(plan) is not { } stage)
            return null;
        var id = SweepIds.Of(stage);
        return await store.FindSweepAsync(id, cancellationToken) is { State: SweepState.Completed } && await store.LoadResolutionAsync(id, cancellationToken) is { } resolved
            ? new ImpactMeasurement(stage, resolved)
            : null;
    }

    /// <param name="impacts">The stage.</param>
    /// <param name="model">Index into the plan's models.</param>
    /// <param name="opened">That model as it is now.</param>
    /// <param name="items">The items of the ranking as they are now.</param>
    /// <param name="text">Behind means, where a recipe needs them.</param>
    /// <param name="wanted">Places, and the recipe at each.</param>
    /// <exception cref="InvalidPlanException">Files have changed since the stage ran, or rows are missing.</exception>
    public async Task<IReadOnlyList<ChannelRanking>> RankAsync(
        ImpactMeasurement impacts,
        int model,
        OpenModel opened,
        SelectionItems items,
        CalibrationText? text,
        IReadOnlyCollection<((int Layer, Site Site) Place, string Recipe)> wanted,
        CancellationToken cancellationToken)
    {
        RequireSameFiles(impacts, model, opened, items);
        RequireSameText(impacts, text);
        var measured = new Dictionary<ImpactRow, double?[]>();
        var before = 0;
        var missing = 0;
        var all = impacts.Resolved.Benchmarks.Sum(benchmark => benchmark.Items.Count);
        foreach (var cells in PlanExpander.Cells(impacts.Plan, impacts.Resolved).Where(cell => cell.Model == model).GroupBy(cell => cell.Benchmark))
        {
            var benchmark = impacts.Resolved.Benchmarks[cells.Key];
            var unsteered = cells.First(cell => cell.Bottleneck is null);
            var rows = cells.Where(cell => cell.Bottleneck is not null)
                .Select(cell => (Cell: cell, Row: ImpactStage.Row(impacts.Resolved.Bottlenecks[cell.Bottleneck!.Value], cell.Scalar)))
                .Where(row => wanted.Contains((row.Row.Place, row.Row.Recipe)))
                .ToArray();
            JobId[] jobs = [.. rows.Select(row => row.Cell).Prepend(unsteered).Select(cell => cell.Jobs[Measure.LogLikelihood].Id).Distinct()];
            var table = await BenchmarkTable.ReadAsync(store, benchmark, jobs, cancellationToken);
            var baseline = table.Of(unsteered, Measure.LogLikelihood)!;
            foreach (var (cell, row) in rows)
            {
                if (!measured.TryGetValue(row, out var effects))
                    measured[row] = effects = new double?[all];
                var scores = table.Of(cell, Measure.LogLikelihood)!;
                for (var item = 0; item < benchmark.Items.Count; item++)
                {
                    if (scores[item] is not { } steered || baseline[item] is not { } beside)
                        missing++;
                    else
                        effects[before + item] = steered.LogLikelihood - beside.LogLikelihoodBeside(steered);
                }
            }

            before += benchmark.Items.Count;
        }

        if (missing > 0)
            throw new InvalidPlanException($"identify: {missing} rows of '{SweepIds.Of(impacts.Plan)}' are missing, expected none: channels cannot be ranked by what was not measured. Remove that sweep and run the plan again");
        return ImpactRanking.Of([.. measured.Select(one => new MeasuredImpact(one.Key, one.Value))], [.. impacts.Resolved.Benchmarks.SelectMany(benchmark => benchmark.Items).Select(item => item.Group)]);
    }

    private static void RequireSameFiles(ImpactMeasurement impacts, int model, OpenModel opened, SelectionItems items)
    {
        var measured = impacts.Resolved.Models[model];
        var changed = new List<string>();
        if ((measured.WeightsHash, measured.TokenizerHash) != (opened.Resolved.WeightsHash, opened.Resolved.TokenizerHash))
            changed.Add(measured.Path);
        var now = items.Used.Benchmarks;
        changed.AddRange(impacts.Resolved.Benchmarks.Index()
            .Where(benchmark => benchmark.Index >= now.Count
                || (now[benchmark.Index].DataHash, now[benchmark.Index].PromptVersion) != (benchmark.Item.DataHash, benchmark.Item.PromptVersion)
                || !now[benchmark.Index].Ids.SequenceEqual(benchmark.Item.Items.Select(item => item.Id)))
            .Select(benchmark => benchmark.Item.Path));
        if (changed.Count > 0)
            throw new InvalidPlanException($"identify: found other contents in {string.Join(", ", changed)} than when channels were measured, expected the same. Give the plan another name to measure them");
    }

    private static void RequireSameText(ImpactMeasurement impacts, CalibrationText? text)
    {
        foreach (var recipe in impacts.Resolved.Bottlenecks.DistinctBy(single => single.Recipe))
        {
            var expected = ImpactStage.RecipeOf(ImpactStage.Row(recipe, recipe.Scalars.Count > 0 ? recipe.Scalars[0] : null).Recipe, text);
            if (recipe.Recipe != expected)
                throw new InvalidPlanException($"calibration.data: found another text than when channels were measured ({expected}), expected the same ({recipe.Recipe}). Give the plan another name to measure them");
        }
    }
}
