using System.Text.Json;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Execution.Tests.Summaries;

public sealed partial class SweepSummarizerTests
{
    [Fact]
    public async Task SummarizeAsync_Folds_ReportEachAtWhatIsBestOnTheOthers()
    {
        // Scalar 2 is best on items of fold 0, 0.5 on those of fold 1: each fold is reported at the other's, at which it loses.
        var ledger = new Ledger { Row = (identity, item) => Row(identity, item, (scalar, _) => Scores(scalar, item.Fold == 0 ? 2 : 0.5)) };
        ledger.Benchmarks.Add(Folded(Ledger.Alone(Ledger.Benchmark("squad", 0, 8, Both)), 2));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.5, 1, 2));
        var summary = await ledger.SummarizeAsync();
        var row = Assert.Single(summary.Rows);
        Assert.Equal([0.5, 2], row.CrossFit!.Folds.Select(fold => fold.Scalar));
        Assert.All(row.CrossFit.Folds, fold => Assert.Equal((4, 4, 4), (fold.SelectionItems, fold.TestItems, fold.TestGroups)));

        // Of equally many the one nearest to the identity.
        Assert.Equal((0.5, 1), (row.Scalar, row.CrossFit.Agreeing));
        Assert.Equal((8, 8, 4), (row.TestItems, row.TestGroups, row.SelectionItems));
        Assert.Equal((1, 0, -1, -3), (row.Baseline, row.Steered, row.Effect, row.LogLikelihoodEffect));
        Assert.Equal((2, -3), (row.Selection!.Raw, row.Selection.Corrected));
        Assert.Equal((0, 8, 0), (row.CrossFit.Scores.Steered, row.CrossFit.Scores.RightToWrong, row.CrossFit.Scores.WrongToRight));

        // In none of the other 2⁸ − 1 worlds do eight items move alike: where all are flipped each fold is given what was best on it, and nothing moves.
        Assert.Null(row.McNemarP);
        Assert.Equal(1.0 / 256, row.P);
        Assert.DoesNotContain("selection", summary.Cells[0].Splits.Keys);
        Assert.Equal(8, summary.Cells[0].Splits["test"].N);

        static (double, double?) Scores(double scalar, double best) => scalar == 1 ? (1, -5) : scalar == best ? (1, -3) : (0, -8);
    }

    [Fact]
    public async Task SummarizeAsync_FoldsThatAgree_AreOneScalarOnAllItems()
    {
        var ledger = new Ledger { Row = (identity, item) => Row(identity, item, (scalar, _) => (scalar == 2 && item.Id != "t3" ? 1 : 0, -5 + scalar)) };
        ledger.Benchmarks.Add(Folded(Ledger.Alone(Ledger.Benchmark("squad", 0, 40, Both)), 5));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.5, 1, 2));
        var summary = await ledger.SummarizeAsync();
        var row = Assert.Single(summary.Rows);
        Assert.Equal((2, 5, 39.0 / 40), (row.Scalar, row.CrossFit!.Agreeing, row.Effect));
        Assert.Equal(1, row.LogLikelihoodEffect!.Value, 1e-12);
        Assert.Equal((1, 1), (row.Selection!.Raw, row.Selection.Corrected!.Value), (one, other) => Math.Abs(one.Item1 - other.Item1) + Math.Abs(one.Item2 - other.Item2) < 1e-12);
        Assert.Equal(EffectVerdict.Better, row.Verdict);
        Assert.True(row.FamilyP <= 0.001);

        // As wide as the choice takes, never narrower than of the cell that was not chosen.
        var cell = summary.Cells.Single(one => one.Bottleneck == "b" && one.Scalar == 2).Splits["test"];
        Assert.True(row.CrossFit.Widening >= 1);
        Assert.Equal(row.Effect - (row.CrossFit.Widening * (row.Effect - cell.EffectLow!.Value)), row.EffectLow!.Value, 1e-9);
    }

    [Fact]
    public async Task SummarizeAsync_ControlsOfFolds_ChooseByFoldToo()
    {
        // The control is best at 2 on one fold's items and at 0.5 on the other's: reported at the wrong ones it has lost to the bottleneck, though at fixed scalars it is its equal.
        var ledger = new Ledger
        {
            Row = (identity, item) => Row(identity, item, (scalar, _) => (0, scalar == 1 ? -5 : identity.Interventions[0].Layer == 3 ? (scalar == 2 ? -4 : -6) : (item.Fold == 0) == (scalar == 2) ? -2 : -6)),
        };
        ledger.Benchmarks.Add(Folded(Ledger.Alone(Ledger.Benchmark("squad", 0, 8, Both)), 2));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.5, 1, 2));
        ledger.Bottlenecks.Add(Ledger.Control("b", 0, 4, 0.5, 1, 2));
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal((1, 1, 1, -1), (row.ControlRank, row.Controls, row.LogLikelihoodEffect, row.Comparisons[0].BestLogLikelihoodEffect));
    }

    [Fact]
    public async Task SummarizeAsync_DivergedInAFold_IsNoChoiceOfOthers()
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => identity.Measure == Measure.LogLikelihood && Scalar(identity) == 2 && item.Id == "t0"
                ? Ledger.Result(identity, item, diverged: true)
                : Row(identity, item, (scalar, _) => (0, -5 + scalar)),
        };
        ledger.Benchmarks.Add(Folded(Ledger.Alone(Ledger.Benchmark("squad", 0, 8, Both)), 2));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.5, 1, 2));
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);

        // t0's own fold did not see it diverge, and is reported with it.
        Assert.Equal([2, 1], row.CrossFit!.Folds.Select(fold => fold.Scalar));
        Assert.Equal((1, 1), (row.Diverged, row.CrossFit.Scores.Diverged));
        Assert.Null(row.Selection);
    }

    [Fact]
    public async Task SummarizeAsync_FoldsBesideShares_AreOneFamily()
    {
        var ledger = new Ledger { Row = (identity, item) => Row(identity, item, (scalar, _) => (scalar == 2 ? 1 : 0, -5 + scalar)) };
        ledger.Benchmarks.Add(Folded(Ledger.Alone(Ledger.Benchmark("squad", 0, 12, Both)), 3));
        ledger.Benchmarks.Add(Ledger.Alone(Ledger.Benchmark("triviaqa", 4, 12, Both)));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.5, 1, 2));
        var summary = await ledger.SummarizeAsync();
        Assert.Equal(["squad", "triviaqa"], summary.Rows.Select(row => row.Benchmark));
        Assert.Null(summary.Rows[1].CrossFit);
        Assert.All(summary.Rows, row => Assert.InRange(row.FamilyP!.Value, row.P!.Value, 0.05));
        Assert.Equal(2.0 / 4096, summary.Rows[1].P);
    }

    [Fact]
    public async Task SummarizeAsync_PerplexityOfFolds_IsThatOfTheScalarsByTheirShares()
    {
        // Six items of eight are reported at 2, two at 0.5; perplexity rises by 0.2 and falls by 0.1 nats a token there.
        var ledger = new Ledger
        {
            Row = (identity, item) => identity.Measure == Measure.Perplexity
                ? Ledger.Result(identity, item, logLikelihood: 10 * (-2 + (Scalar(identity) == 2 ? -0.2 : Scalar(identity) == 0.5 ? 0.1 : 0)))
                : Row(identity, item, (scalar, _) => (0, -5 + (scalar == 1 ? 0 : scalar == 2 ? (item.Fold == 0 ? 9 : -1) : item.Fold == 0 ? -1 : 1))),
        };
        ledger.Benchmarks.Add(Folded(Ledger.Alone(Ledger.Benchmark("squad", 0, 8, Both)), 4));
        ledger.Benchmarks.Add(Ledger.Alone(Ledger.Benchmark("text", 0, 6, Measure.Perplexity)));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.5, 1, 2));
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal([0.5, 2, 2, 2], row.CrossFit!.Folds.Select(fold => fold.Scalar));
        Assert.Equal((2, 3), (row.Scalar, row.CrossFit.Agreeing));
        Assert.Equal(Math.Exp((0.75 * 0.2) - (0.25 * 0.1)) - 1, row.PerplexityChange!.Value, 1e-12);
        Assert.Equal(row.PerplexityChange.Value, row.PerplexityHigh!.Value, 1e-9);
    }

    [Fact]
    public async Task SummarizeAsync_HypothesesOfFolds_AreJudgedWithTheirChoices()
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => Row(identity, item, (scalar, _) => (scalar == 2 && identity.Interventions[0].Layer == 3 ? 1 : 0, scalar == 1 ? -5 : scalar == 0.5 ? -4.5 : item.Id == "t0" ? 90 : -6)),
        };
        ledger.Plan = ledger.Plan with
        {
            Hypotheses =
            [
                Claim("better"),
                Claim("than") with { Than = ["other"] },
                Claim("at a scalar") with { Scalar = 2 },
                Claim("by its folds") with { Chosen = 2 },
            ],
        };
        ledger.Benchmarks.Add(Folded(Ledger.Alone(Ledger.Benchmark("squad", 0, 40, Both)), 4));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.5, 1, 2));
        ledger.Bottlenecks.Add(Ledger.Scale("other", 4, 0.5, 1, 2));
        var summary = await ledger.SummarizeAsync();

        // t0 makes 2 the best scalar of all folds but its own.
        Assert.Equal([0.5, 2, 2, 2], summary.Rows[0].CrossFit!.Folds.Select(fold => fold.Scalar));
        Assert.Equal(
            [HypothesisOutcome.Confirmed, HypothesisOutcome.Confirmed, HypothesisOutcome.Confirmed, HypothesisOutcome.Undecided],
            summary.Hypotheses!.Select(one => one.Outcome));
        Assert.Equal("3 of 4 folds chose that scalar", summary.Hypotheses![3].Parts[0].Reason);
        Assert.Equal(0.75, summary.Hypotheses[1].Parts[0].Effect);
        Assert.Equal(1, summary.Hypotheses[2].Parts[0].Effect);

        static HypothesisPlan Claim(string name) => new() { Name = name, Statement = name, Bottleneck = "b", Direction = "better" };
    }

    [Fact]
    public async Task SummarizeAsync_FoldsTwice_GivesTheSameBytes()
    {
        var ledger = new Ledger { Row = (identity, item) => Row(identity, item, (scalar, _) => (item.Id.Length % 2, -scalar / 3 - item.Id.Length)) };
        ledger.Benchmarks.Add(Folded(Ledger.Benchmark("squad", 0, 20, Both), 5));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.3, 1, 2));
        ledger.Bottlenecks.Add(Ledger.Control("b", 0, 4, 0.3, 1, 2));
        var text = JsonSerializer.Serialize(await ledger.SummarizeAsync(), SweepJson.Options);
        Assert.Equal(text, JsonSerializer.Serialize(await ledger.SummarizeAsync(), SweepJson.Options));
        Assert.Equal(text, JsonSerializer.Serialize(JsonSerializer.Deserialize<SweepSummary>(text, SweepJson.Options), SweepJson.Options));
    }

    /// <summary>Groups are dealt in turn.</summary>
    private static ResolvedBenchmark Folded(ResolvedBenchmark benchmark, int folds)
    {
        var groups = benchmark.Items.Select(item => item.Group).Distinct().ToList();
        return benchmark with { Items = [.. benchmark.Items.Select(item => item with { Fold = groups.IndexOf(item.Group) % folds })] };
    }
}
