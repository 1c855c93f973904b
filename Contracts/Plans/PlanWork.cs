using Sweep.Contracts.Jobs;

namespace Sweep.Contracts.Plans;

/// <summary>What a resolved plan comes to, counted without making its jobs. Equal bottlenecks count twice.</summary>
/// <param name="Configurations">Cells that are steered.</param>
/// <param name="ItemRuns">Items of jobs: what the ledger has a row for.</param>
/// <param name="BlockPasses">
/// Layers run over an item's prompt and gold, or over its response: those below a fork once an item, those above it once a row, all of them for a response.
/// </param>
public sealed record PlanWork(long Configurations, long ItemRuns, long BlockPasses)
{
    /// <param name="before">A stage whose rows are there already: of the same bottlenecks, on the first items of the same benchmarks. Null: nothing is.</param>
    public static PlanWork Of(ResolvedPlan resolved, ResolvedPlan? before = null)
    {
        var total = new PlanWork(0, 0, 0);
        for (var model = 0; model < resolved.Models.Count; model++)
        {
            for (var benchmark = 0; benchmark < resolved.Benchmarks.Count; benchmark++)
                total += Of(resolved, before, model, benchmark);
        }

        return total;
    }

    public static PlanWork operator +(PlanWork one, PlanWork other) =>
        new(one.Configurations + other.Configurations, one.ItemRuns + other.ItemRuns, one.BlockPasses + other.BlockPasses);

    private static PlanWork Of(ResolvedPlan resolved, ResolvedPlan? before, int model, int benchmark)
    {
        var all = resolved.Benchmarks[benchmark].Items.Count;
        var known = before is null ? 0 : Math.Min(all, before.Benchmarks[benchmark].Items.Count);
        var fresh = OfItems(resolved, null, model, benchmark, all - known);
        if (known == 0)
            return fresh;
        var added = OfItems(resolved, before, model, benchmark, known);
        return new PlanWork(added.Configurations, fresh.ItemRuns + added.ItemRuns, fresh.BlockPasses + added.BlockPasses);
    }

    private static PlanWork OfItems(ResolvedPlan resolved, ResolvedPlan? before, int model, int benchmark, long items)
    {
        var measured = resolved.Benchmarks[benchmark];
        long layers = resolved.Models[model].Layers;
        var response = measured.Measures.Contains(Measure.Generation) ? layers : 0;
        var (steered, passes, forks) = (0L, 0L, new HashSet<int>());
        for (var index = 0; index < resolved.Bottlenecks.Count; index++)
        {
            var bottleneck = resolved.Bottlenecks[index];
            if (bottleneck.Model != model)
                continue;
            var known = before?.Bottlenecks[index].ScalarsOn(benchmark).ToHashSet();
            var rows = bottleneck.ScalarsOn(benchmark).Count(scalar => known?.Contains(scalar) != true && PlanExpander.At(bottleneck, scalar).Count > 0);
            if (rows == 0)
                continue;
            var above = Above(bottleneck, (int)layers);
            forks.Add(above);
            steered += rows;
            passes += rows * (above + response);
        }

        // The layers below a fork are run again for rows that come later; the baseline is not.
        var baseline = before is null ? 1 : 0;
        passes += (baseline * response) + (layers * Math.Max(baseline, forks.Count));
        return new PlanWork(steered, items * (baseline + steered) * measured.Measures.Count, items * passes);
    }

    /// <summary>Layers that a row computes itself.</summary>
    private static int Above(ResolvedBottleneck bottleneck, int layers) =>
        bottleneck.Interventions.Max(part => layers - part.Layer - (part.Site is "MixerOutput" or "ResidualPost" ? 1 : 0));
}
