using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Execution.Summaries;

/// <summary>
/// A sweep's answer, a function of its plan and rows: on the selection split every bottleneck and every control chooses its scalar, by mean gold
/// log-likelihood where it is measured, else by the primary metric; on the test split the choice is reported against the baseline and its effect
/// ranked among those of the controls' choices. With folds in place of the splits every fold is reported at what is best on the others. The identity is
/// a candidate. Plain text has cells but no row of its own: it is the perplexity change of the others' rows. Rows, and cells, are families: a p-value
/// that says so is corrected for all of them.
/// </summary>
internal static class SweepAnswer
{
    /// <param name="sweepId">As it is called in the summary.</param>
    /// <param name="plan">The sweep's.</param>
    /// <param name="resolved">The plan's cells are those of this.</param>
    /// <param name="read">Scores of some jobs on a benchmark of the resolved plan.</param>
    public static async Task<SweepSummary> OfAsync(string sweepId, SweepPlan plan, ResolvedPlan resolved, Func<int, IReadOnlyCollection<JobId>, Task<BenchmarkTable>> read)
    {
        var rows = new List<OpenRow>();
        var cells = new List<OpenCell>();
        await foreach (var summaries in ByModelAsync(plan, resolved, read))
        {
            var text = summaries.FirstOrDefault(summary => summary.IsText);
            cells.AddRange(summaries.SelectMany(summary => summary.Cells()));
            rows.AddRange(summaries.Where(summary => !summary.IsText).SelectMany(summary => summary.Rows(text)));
        }

        var counted = SweepFamily.Rows(rows, plan.Seed, out var nullSweeps);
        return new SweepSummary
        {
            SweepId = sweepId,
            Name = plan.Name,
            Rows = counted,
            Overall = SweepFamily.Overall(rows),
            NullSweeps = nullSweeps,
            Search = resolved.Search,
            Cells = SweepFamily.Cells(cells, plan.Seed),
            Hypotheses = HypothesisJudge.Judge(plan, rows, counted),
        };
    }

    /// <summary>The rows alone, before they are counted, without perplexities: cells are most of the work.</summary>
    public static async Task<IReadOnlyList<OpenRow>> OpenRowsAsync(SweepPlan plan, ResolvedPlan resolved, Func<int, IReadOnlyCollection<JobId>, Task<BenchmarkTable>> read)
    {
        var rows = new List<OpenRow>();
        await foreach (var summaries in ByModelAsync(plan, resolved, read))
            rows.AddRange(summaries.Where(summary => !summary.IsText).SelectMany(summary => summary.Rows(text: null)));
        return rows;
    }

    /// <summary>What every bottleneck and control chooses on the selection split, by bottleneck of the resolved plan and in the order of its benchmarks.</summary>
    public static Task<IReadOnlyList<IReadOnlyList<FrozenChoice>>> ChoicesAsync(SweepPlan plan, ResolvedPlan resolved, Func<int, IReadOnlyCollection<JobId>, Task<BenchmarkTable>> read) =>
        OfSetsAsync(plan, resolved, summary => summary.Choices(), read);

    /// <summary>What a benchmark's summary says of every bottleneck and control, in the same order; plain text says nothing.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<T>>> OfSetsAsync<T>(
        SweepPlan plan, ResolvedPlan resolved, Func<BenchmarkSummary, IEnumerable<(int Bottleneck, T Said)>> of, Func<int, IReadOnlyCollection<JobId>, Task<BenchmarkTable>> read)
    {
        List<T>[] said = [.. resolved.Bottlenecks.Select(_ => new List<T>())];
        await foreach (var summaries in ByModelAsync(plan, resolved, read))
        {
            foreach (var (bottleneck, ofOne) in summaries.Where(summary => !summary.IsText).SelectMany(of))
                said[bottleneck].Add(ofOne);
        }

        return said;
    }

    private static async IAsyncEnumerable<List<BenchmarkSummary>> ByModelAsync(SweepPlan plan, ResolvedPlan resolved, Func<int, IReadOnlyCollection<JobId>, Task<BenchmarkTable>> read)
    {
        foreach (var ofModel in PlanExpander.Cells(plan, resolved).GroupBy(cell => cell.Model))
        {
            var summaries = new List<BenchmarkSummary>();
            foreach (var ofBenchmark in ofModel.GroupBy(cell => cell.Benchmark).Select(group => group.ToArray()))
            {
                var jobs = ofBenchmark.SelectMany(cell => cell.Jobs.Values).Select(job => job.Id).Distinct().Order().ToArray();
                summaries.Add(new BenchmarkSummary(plan, resolved, await read(ofBenchmark[0].Benchmark, jobs), ofBenchmark));
            }

            yield return summaries;
        }
    }
}
