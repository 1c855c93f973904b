using Sweep.Contracts.Jobs;
using Sweep.Contracts.Results;

namespace Sweep.Execution.Tests.Summaries;

/// <summary>Benchmarks whose metrics come with the log-likelihood: multiple choice and last words.</summary>
public sealed partial class SweepSummarizerTests
{
    [Fact]
    public async Task SummarizeAsync_ScoredByLogLikelihood_ReportsSharesAndChoosesByTheGold()
    {
        // At 2 the gold gains a nat and half of the items turn right; at 3 all turn right but the gold loses.
        var ledger = new Ledger
        {
            Row = (identity, item) => Scalar(identity) switch
            {
                2 => Ledger.Result(identity, item, metric: item.Id.EndsWith('1') || item.Id.EndsWith('3') ? 1 : 0, logLikelihood: -2),
                3 => Ledger.Result(identity, item, metric: 1, logLikelihood: -4),
                _ => Ledger.Result(identity, item, metric: 0, logLikelihood: -3),
            },
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("choice", 4, 4, Measure.LogLikelihood) with { ScoredBy = Measure.LogLikelihood });
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2, 3));
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal((ScoreUnit.Share, "em", 2.0), (row.Unit, row.Metric, row.Scalar));
        Assert.Equal((0.0, 0.5, 1.0), (row.Baseline, row.Steered, row.LogLikelihoodEffect));
        // Two groups gain an item each: of four patterns of signs two are as far from nothing.
        Assert.Equal((0.5, null), (row.P, row.McNemarP));
    }

    [Fact]
    public async Task SummarizeAsync_GoldPerplexity_IsThatOfTheMeanLogLikelihood()
    {
        var ledger = new Ledger { Row = (identity, item) => Ledger.Result(identity, item, metric: 1, logLikelihood: item.Id.EndsWith('0') ? -1 : -2) };
        ledger.Benchmarks.Add(Ledger.Benchmark("lambada", 2, 2, Measure.LogLikelihood) with { ScoredBy = Measure.LogLikelihood, GoldPerplexity = true });
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2));
        var summary = await ledger.SummarizeAsync();
        Assert.All(summary.Cells, cell => Assert.Equal(Math.Exp(1.5), cell.Splits["test"].Perplexity!.Value, 1e-12));
        Assert.Single(summary.Rows);
    }
}
