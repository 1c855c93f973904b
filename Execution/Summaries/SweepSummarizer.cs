using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Execution.Summaries;

/// <summary>
/// Computes a sweep's answer from the ledger: on the selection split every bottleneck and every control chooses its scalar, by mean gold
/// log-likelihood where it is measured, else by the primary metric; on the test split the choice is reported against the baseline and its effect
/// ranked among those of the controls' choices. The identity is a candidate. Plain text has cells but no row of its own: it is the perplexity
/// change of the others' rows.
/// </summary>
internal sealed class SweepSummarizer(ISweepStore store) : ISweepSummarizer
{
    public async Task<SweepSummary> SummarizeAsync(string sweepId, CancellationToken cancellationToken)
    {
        var sweep = await store.FindSweepAsync(sweepId, cancellationToken) ?? throw new InvalidOperationException($"there is no sweep '{sweepId}'");
        var resolved = await store.LoadResolutionAsync(sweepId, cancellationToken)
            ?? throw new InvalidOperationException($"sweep '{sweepId}' is not resolved yet");
        var rows = new List<SummaryRow>();
        var cells = new List<SummaryCell>();
        foreach (var ofModel in PlanExpander.Cells(sweep.Plan, resolved).GroupBy(cell => cell.Model))
        {
            var summaries = new List<BenchmarkSummary>();
            IReadOnlyDictionary<(int Bottleneck, double? Scalar), double?>? perplexity = null;
            foreach (var ofBenchmark in ofModel.GroupBy(cell => cell.Benchmark).Select(group => group.ToArray()))
            {
                var jobs = ofBenchmark.SelectMany(cell => cell.Jobs.Values).Select(job => job.Id).Distinct().Order().ToArray();
                var table = await BenchmarkTable.ReadAsync(store, resolved.Benchmarks[ofBenchmark[0].Benchmark], jobs, cancellationToken);
                var summary = new BenchmarkSummary(sweep.Plan, resolved, table, ofBenchmark);
                cells.AddRange(summary.Cells());
                if (table.Benchmark.Measures.Contains(Measure.Perplexity))
                    perplexity ??= summary.PerplexityChanges();
                else
                    summaries.Add(summary);
            }

            rows.AddRange(summaries.SelectMany(summary => summary.Rows(perplexity)));
        }

        return new SweepSummary { SweepId = sweepId, Name = sweep.Plan.Name, Rows = rows, Cells = cells };
    }
}
