using Sweep.Contracts.Jobs;

namespace Sweep.Contracts.Plans;

/// <summary>One cell of a sweep's result: a bottleneck (or control) at a scalar, on one benchmark of one model, and the jobs that measure it.</summary>
public sealed record SweepCell
{
    /// <summary>Index into the resolved plan's models.</summary>
    public required int Model { get; init; }

    /// <summary>Index into the resolved plan's benchmarks.</summary>
    public required int Benchmark { get; init; }

    /// <summary>Index into the resolved plan's bottlenecks; null for the baseline.</summary>
    public int? Bottleneck { get; init; }

    /// <summary>Null for the baseline and for ablations.</summary>
    public double? Scalar { get; init; }

    /// <summary>One job a measure of the benchmark.</summary>
    public required IReadOnlyDictionary<Measure, JobSpec> Jobs { get; init; }
}

/// <summary>Turns a resolved plan into its cells and jobs. A pure function: whoever calls it gets the same cells in the same order.</summary>
public static class PlanExpander
{
    /// <summary>All cells: per model and benchmark the baseline first, then every bottleneck and control at every scalar.</summary>
    public static IEnumerable<SweepCell> Cells(SweepPlan plan, ResolvedPlan resolved)
    {
        for (var model = 0; model < resolved.Models.Count; model++)
        {
            for (var benchmark = 0; benchmark < resolved.Benchmarks.Count; benchmark++)
            {
                var baseline = Jobs(plan, resolved, model, benchmark, []);
                yield return new SweepCell { Model = model, Benchmark = benchmark, Jobs = baseline };
                for (var index = 0; index < resolved.Bottlenecks.Count; index++)
                {
                    var bottleneck = resolved.Bottlenecks[index];
                    if (bottleneck.Model != model)
                        continue;
                    foreach (var scalar in bottleneck.ScalarsOn(benchmark))
                    {
                        var interventions = At(bottleneck, scalar);
                        yield return new SweepCell
                        {
                            Model = model,
                            Benchmark = benchmark,
                            Bottleneck = index,
                            Scalar = scalar,
                            Jobs = interventions.Count == 0 ? baseline : Jobs(plan, resolved, model, benchmark, interventions),
                        };
                    }
                }
            }
        }
    }

    /// <summary>One cell by itself, equal to that of <see cref="Cells"/>.</summary>
    /// <param name="bottleneck">Null: the baseline.</param>
    /// <param name="scalar">Null for ablations and the baseline.</param>
    public static SweepCell Cell(SweepPlan plan, ResolvedPlan resolved, int model, int benchmark, int? bottleneck, double? scalar) => new()
    {
        Model = model,
        Benchmark = benchmark,
        Bottleneck = bottleneck,
        Scalar = scalar,
        Jobs = Jobs(plan, resolved, model, benchmark, bottleneck is { } index ? At(resolved.Bottlenecks[index], scalar) : []),
    };

    /// <summary>The distinct jobs of a sweep in the order of their first cell, with the benchmark whose items they run on.</summary>
    public static IEnumerable<(JobSpec Job, int Benchmark)> Jobs(SweepPlan plan, ResolvedPlan resolved)
    {
        var seen = new HashSet<(JobId, int)>();
        foreach (var cell in Cells(plan, resolved))
        {
            foreach (var job in cell.Jobs.OrderBy(pair => pair.Key).Select(pair => pair.Value))
            {
                if (seen.Add((job.Id, cell.Benchmark)))
                    yield return (job, cell.Benchmark);
            }
        }
    }

    /// <summary>A bottleneck's interventions at a scalar, identities left out.</summary>
    public static IReadOnlyList<InterventionSpec> At(ResolvedBottleneck bottleneck, double? scalar) =>
        [.. bottleneck.Interventions
            .Select(open => open.Operation is "Scale" or "Add" ? open with { Scalar = scalar } : open)
            .Where(closed => !closed.IsIdentity)];

    private static Dictionary<Measure, JobSpec> Jobs(
        SweepPlan plan, ResolvedPlan resolved, int modelIndex, int benchmarkIndex, IReadOnlyList<InterventionSpec> interventions)
    {
        var model = resolved.Models[modelIndex];
        var benchmark = resolved.Benchmarks[benchmarkIndex];
        return benchmark.Measures.ToDictionary(measure => measure, measure => JobSpec.Create(
            new JobIdentity
            {
                WeightsHash = model.WeightsHash,
                TokenizerHash = model.TokenizerHash,
                Benchmark = benchmark.Kind,
                DataHash = benchmark.DataHash,
                PromptVersion = benchmark.PromptVersion,
                MetricVersion = benchmark.MetricVersion,
                // A window stands in for the limit: the text is read to its end, a window at a time.
                ContextLimit = benchmark.Window is null ? plan.ContextLimit : null,
                Window = benchmark.Window,
                Stride = benchmark.Stride,
                Interventions = interventions,
                Measure = measure,
                MaxNewTokens = measure == Measure.Generation ? benchmark.MaxNewTokens : null,
                Precision = plan.Precision,
                NumericsId = resolved.NumericsId,
            },
            model.Path,
            benchmark.Path,
            benchmark.Kind == PlanWords.Task ? plan.Seed : null));
    }
}
