using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;

namespace Sweep.Grains.Dispatch;

/// <summary>Rows of one fork with the items they run on: within it any rows × any items can be a batch.</summary>
internal sealed class RowGroup
{
    private readonly long _prefill;

    private RowGroup(SectionRow[] rows, ResolvedItem[] items, WorkCost cost)
    {
        (Rows, Items, Cost) = (rows, items, cost);
        Shared = items.Sum(cost.Shared);
        _prefill = items.Sum(item => (long)cost.Prefill(item));
    }

    /// <summary>Families together; the baseline, where it is in this group, first.</summary>
    public SectionRow[] Rows { get; }

    /// <summary>Longest first: what does not fit the memory shows at once, and short ones fill up the end. Empty where an earlier section has them all; the rows are jobs of the sweep all the same.</summary>
    public ResolvedItem[] Items { get; }

    public WorkCost Cost { get; }

    /// <summary>Multiply-adds of the pass that the rows share, over all items.</summary>
    public double Shared { get; }

    /// <summary>Multiply-adds, if its rows stay together.</summary>
    public double Work => Shared + RowsOf(RowCounts.Of(Rows));

    /// <summary>Multiply-adds of so many rows beside the shared pass, over all items.</summary>
    public double RowsOf(RowCounts rows) => Cost.Rows(_prefill, Items.Length, rows);

    /// <summary>The section's groups; the baseline joins the first fork.</summary>
    public static IEnumerable<RowGroup> Of(SweepSection section, ResolvedPlan resolved)
    {
        var model = resolved.Models[section.Model];
        var benchmark = resolved.Benchmarks[section.Benchmark];
        var tokens = new WorkCost(model, benchmark, section.Model, ForkPoint.None);
        foreach (var alike in section.Rows.GroupBy(row => row.Elsewhere, ReferenceEqualityComparer.Instance))
        {
            var covered = ((IReadOnlyList<int>)alike.Key!).SelectMany(index => resolved.Benchmarks[index].Items).Select(item => item.Id).ToHashSet(StringComparer.Ordinal);
            ResolvedItem[] items = [.. benchmark.Items.Where(item => !covered.Contains(item.Id)).OrderByDescending(tokens.Prefill)];
            var baseline = alike.Where(row => row.Fork == ForkPoint.None).ToArray();
            foreach (var fork in alike.Where(row => row.Fork != ForkPoint.None).GroupBy(row => row.Fork))
            {
                yield return new RowGroup(
                    [.. baseline, .. fork.GroupBy(row => row.Family).SelectMany(family => family)], items, new WorkCost(model, benchmark, section.Model, fork.Key));
                baseline = [];
            }

            if (baseline.Length > 0)
                yield return new RowGroup(baseline, items, tokens);
        }
    }

    /// <summary>Multiply-adds of so many rows, of the fork that the cost is for, on all items of a benchmark.</summary>
    public static double WorkOf(WorkCost cost, ResolvedBenchmark benchmark, int rows)
    {
        var counts = new RowCounts(rows, rows, benchmark.Measures.Contains(Measure.Generation) ? rows : 0);
        return benchmark.Items.Sum(item => cost.Shared(item) + cost.Rows(item, counts));
    }
}
