using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Dispatch;

/// <summary>All new jobs of one model on one benchmark: what can share a batch, and the step in which a sweep is expanded.</summary>
internal sealed record SweepSection
{
    public required int Model { get; init; }

    public required int Benchmark { get; init; }

    /// <summary>In the order of their first cell.</summary>
    public required IReadOnlyList<SectionRow> Rows { get; init; }

    public IEnumerable<SweepJob> Jobs() => Rows.SelectMany(row => row.Jobs);

    /// <summary>Every section of a sweep, in plan order; together their jobs are those of <see cref="PlanExpander.Jobs(SweepPlan, ResolvedPlan)"/>, in that order.</summary>
    public static IEnumerable<SweepSection> Enumerate(SweepPlan plan, ResolvedPlan resolved)
    {
        var families = Families(resolved);
        var seen = new Dictionary<JobId, List<int>>();
        // Only equal models or equal data let a job come up in two sections.
        var remember = resolved.Models.DistinctBy(model => (model.WeightsHash, model.TokenizerHash)).Count() < resolved.Models.Count
            || resolved.Benchmarks.DistinctBy(benchmark => (benchmark.Kind, benchmark.DataHash)).Count() < resolved.Benchmarks.Count;
        var ordinal = 0;
        var rows = new List<SectionRow>();
        var at = (Model: 0, Benchmark: 0);
        foreach (var cell in PlanExpander.Cells(plan, resolved))
        {
            if (at != (cell.Model, cell.Benchmark))
            {
                if (rows.Count > 0)
                    yield return new SweepSection { Model = at.Model, Benchmark = at.Benchmark, Rows = rows };
                rows = [];
                at = (cell.Model, cell.Benchmark);
                if (!remember)
                    seen.Clear();
            }

            var cellRows = new List<(List<SweepJob> Jobs, int[] Elsewhere)>();
            foreach (var job in cell.Jobs.OrderBy(pair => pair.Key).Select(pair => pair.Value))
            {
                if (!seen.TryGetValue(job.Id, out var benchmarks))
                    seen.Add(job.Id, benchmarks = []);
                if (benchmarks.Contains(cell.Benchmark))
                    continue;
                if (cellRows.Count == 0 || !cellRows[^1].Elsewhere.SequenceEqual(benchmarks))
                    cellRows.Add(([], [.. benchmarks]));
                cellRows[^1].Jobs.Add(new SweepJob { Ordinal = ordinal++, Job = job, Benchmark = cell.Benchmark });
                benchmarks.Add(cell.Benchmark);
            }

            rows.AddRange(cellRows.Select(row => new SectionRow
            {
                Jobs = row.Jobs,
                Fork = ForkPoint.Of(row.Jobs[0].Job.Identity.Interventions),
                Family = cell.Bottleneck is { } index ? families[index] : -1,
                Elsewhere = row.Elsewhere,
            }));
        }

        if (rows.Count > 0)
            yield return new SweepSection { Model = at.Model, Benchmark = at.Benchmark, Rows = rows };
    }

    /// <summary>How many jobs a sweep has at most (equal bottlenecks counted twice), without making them.</summary>
    public static long CountAtMost(ResolvedPlan resolved)
    {
        long cells = resolved.Models.Count;
        foreach (var bottleneck in resolved.Bottlenecks)
        {
            cells += bottleneck.Scalars.Count == 0
                ? 1
                : bottleneck.Scalars.Count(scalar => PlanExpander.At(bottleneck, scalar).Count > 0);
        }

        return cells * resolved.Benchmarks.Sum(benchmark => (long)benchmark.Measures.Count);
    }

    /// <summary>Per bottleneck of the plan the number of the bottleneck that it is, or is a control of.</summary>
    private static int[] Families(ResolvedPlan resolved)
    {
        var families = new int[resolved.Bottlenecks.Count];
        var family = 0;
        for (var index = 0; index < families.Length; index++)
        {
            if (resolved.Bottlenecks[index].Role == BottleneckRole.Bottleneck)
                family++;
            families[index] = family;
        }

        return families;
    }
}

/// <summary>One intervention on one benchmark, with a job a measure: they share the pass over the prompt.</summary>
internal sealed record SectionRow
{
    /// <summary>In the order of their measures.</summary>
    public required IReadOnlyList<SweepJob> Jobs { get; init; }

    public required ForkPoint Fork { get; init; }

    /// <summary>Equal for a bottleneck and its controls; -1 for the baseline.</summary>
    public required int Family { get; init; }

    /// <summary>Benchmarks of the plan, over the same data, whose items these jobs have in an earlier section.</summary>
    public required IReadOnlyList<int> Elsewhere { get; init; }
}
