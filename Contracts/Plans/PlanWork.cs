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
    public static PlanWork Of(ResolvedPlan resolved)
    {
        var total = new PlanWork(0, 0, 0);
        for (var model = 0; model < resolved.Models.Count; model++)
        {
            for (var benchmark = 0; benchmark < resolved.Benchmarks.Count; benchmark++)
                total += Of(resolved, model, benchmark);
        }

        return total;
    }

    public static PlanWork operator +(PlanWork one, PlanWork other) =>
        new(one.Configurations + other.Configurations, one.ItemRuns + other.ItemRuns, one.BlockPasses + other.BlockPasses);

    private static PlanWork Of(ResolvedPlan resolved, int model, int benchmark)
    {
        var measured = resolved.Benchmarks[benchmark];
        long layers = resolved.Models[model].Layers;
        var response = measured.Measures.Contains(Measure.Generation) ? layers : 0;
        var (rows, passes, forks) = (1L, response, new HashSet<int>());
        foreach (var bottleneck in resolved.Bottlenecks.Where(bottleneck => bottleneck.Model == model))
        {
            var steered = bottleneck.ScalarsOn(benchmark).Count(scalar => PlanExpander.At(bottleneck, scalar).Count > 0);
            if (steered == 0)
                continue;
            var above = Above(bottleneck, (int)layers);
            forks.Add(above);
            rows += steered;
            passes += steered * (above + response);
        }

        passes += layers * Math.Max(1, forks.Count);
        long items = measured.Items.Count;
        return new PlanWork(rows - 1, items * rows * measured.Measures.Count, items * passes);
    }

    /// <summary>Layers that a row computes itself.</summary>
    private static int Above(ResolvedBottleneck bottleneck, int layers) =>
        bottleneck.Interventions.Max(part => layers - part.Layer - (part.Site is "MixerOutput" or "ResidualPost" ? 1 : 0));
}
