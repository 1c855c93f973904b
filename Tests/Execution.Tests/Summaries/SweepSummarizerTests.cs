using System.Text.Json;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Execution.Tests.Summaries;

public sealed partial class SweepSummarizerTests
{
    private static readonly Measure[] Both = [Measure.LogLikelihood, Measure.Generation];

    [Fact]
    public async Task SummarizeAsync_ScalarOfTheSelectionSplit_IsReportedOnTest()
    {
        // On selection 0.5 has the best log-likelihood; on test 2 would. The metric says otherwise on both and does not choose.
        var ledger = new Ledger
        {
            Row = (identity, item) => Row(identity, item, (scalar, isTest) => isTest ? (scalar == 0.5 ? 1 : 0, scalar == 2 ? -1 : scalar == 0.5 ? -3 : -4)
                : (scalar == 2 ? 1 : 0, scalar == 0.5 ? -1 : -2)),
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 6, Both));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.5, 1, 2));
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal(0.5, row.Scalar);
        Assert.Equal((0, 1, 1), (row.Baseline, row.Steered, row.Effect));
        Assert.Equal(1, row.LogLikelihoodEffect);
        Assert.Equal((4, 6, 3), (row.SelectionItems, row.TestItems, row.TestGroups));

        // Three groups of two, all of them to the better: 2 · 2⁻³. Pairs of a group are no pairs of McNemar's.
        Assert.Equal(0.25, row.P);
        Assert.Null(row.McNemarP);
        Assert.Equal(("em", ScoreUnit.Share), (row.Metric, row.Unit));
        Assert.Null(row.ControlRank);
        Assert.Null(row.PerplexityChange);
        Assert.True(row.TooFewItems);
    }

    [Fact]
    public async Task SummarizeAsync_LargeEffectOnManyItems_HasEnough()
    {
        // Seven in ten change, all to the better: the pairs spread by √(0.7 − 0.49), not by √0.7.
        var ledger = new Ledger { Row = (identity, item) => Row(identity, item, (scalar, _) => (scalar == 2 && !item.Id.EndsWith('0') && !item.Id.EndsWith('4') && !item.Id.EndsWith('8') ? 1 : 0, -2 + scalar)) };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 200, Both));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2));
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal(0.7, row.Effect, 1e-12);
        Assert.InRange(row.MinimumDetectableEffect!.Value, 0.05, 0.2);
        Assert.False(row.TooFewItems);
    }

    [Fact]
    public async Task SummarizeAsync_NothingBetterThanTheBaseline_ChoosesIt()
    {
        var ledger = new Ledger { Row = (identity, item) => Row(identity, item, (scalar, _) => (0.5, -2)) };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 4, Both));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0, 0.9, 1, 2));
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal(1, row.Scalar);
        Assert.Equal(0, row.Effect);
        Assert.Null(row.Receipt);
        Assert.Null(row.McNemarP);
        Assert.True(row.TooFewItems);
    }

    [Fact]
    public async Task SummarizeAsync_WithoutLogLikelihood_ChoosesByTheMetric()
    {
        var ledger = new Ledger { Row = (identity, item) => Row(identity, item, (scalar, _) => (scalar == 2 ? 1 : 0, null)) };
        ledger.Benchmarks.Add(Ledger.Benchmark("ifeval", 4, 4, Measure.Generation));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.5, 1, 2));
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal(2, row.Scalar);
        Assert.Null(row.LogLikelihoodEffect);
    }

    [Fact]
    public async Task SummarizeAsync_DivergedOnSelection_IsNeverTheWinner()
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => identity.Measure == Measure.LogLikelihood && Scalar(identity) == 2 && item.Id == "s1"
                ? Ledger.Result(identity, item, diverged: true)
                : Row(identity, item, (scalar, _) => (scalar == 2 ? 1 : 0, -5 + scalar)),
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 4, Both));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.5, 1, 2));
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal(1, row.Scalar);
        Assert.Equal(1, row.Diverged);
    }

    [Fact]
    public async Task SummarizeAsync_Controls_ChooseForThemselvesAndTiesCountAgainst()
    {
        // Layer 3 is the bottleneck. Layer 4 equals its log-likelihood at a scalar of its own, layer 5 is better, layer 6 is worse, layer 7 diverges on test.
        // Of the metric layers 4 and 6 are as good as the bottleneck, layer 5 is worse.
        var ledger = new Ledger
        {
            Row = (identity, item) =>
            {
                if (identity.Interventions is [{ Layer: 7 }] && item.Split == ItemSplit.Test)
                    return Ledger.Result(identity, item, diverged: true, metric: identity.Measure == Measure.Generation ? 0 : null);
                var gain = identity.Interventions is [{ } one]
                    ? (one.Layer, one.Scalar) switch { (3, 0.5) => 2.0, (4, 2) => 2.0, (5, 0.5) => 3.0, (6, 2) => 1.0, (7, 2) => 9.0, _ => -1.0 }
                    : 0;
                return Row(identity, item, (_, _) => (gain is 1 or 2 ? 1 : 0, -10 + gain));
            },
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 6, Both));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.5, 1, 2));
        ledger.Bottlenecks.AddRange(Enumerable.Range(0, 4).Select(control => Ledger.Control("b", control, 4 + control, 0.5, 1, 2)));
        var summary = await ledger.SummarizeAsync();
        var row = Assert.Single(summary.Rows);
        Assert.Equal((0.5, 1, 2), (row.Scalar, row.Effect, row.LogLikelihoodEffect));
        Assert.Equal((3, 3, 4), (row.ControlRank, row.ScoreControlRank, row.Controls));
        Assert.Equal((3.0 / 5, 3.0 / 5), (row.ControlP, row.ScoreControlP));
        Assert.Null(row.ControlCorrectedP);
        Assert.True(row.RankOnly);

        // At one and the same scalar layer 5 alone is better at 0.5; at 2 all but the one that diverged are as good.
        var cells = summary.Cells.Where(cell => cell.Bottleneck == "b" && cell.ControlIndex is null).ToDictionary(cell => cell.Scalar!.Value);
        Assert.Equal((2, 4), (cells[0.5].ControlRank, cells[0.5].Controls));
        Assert.Equal((4, 4), (cells[2].ControlRank, cells[2].Controls));
        Assert.All(summary.Cells.Where(cell => cell.ControlIndex is not null), cell => Assert.Null(cell.ControlRank));
    }

    [Fact]
    public async Task SummarizeAsync_ControlWithoutAllTheItems_IsNoneToRankAmong()
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => identity.Interventions is [{ Layer: 4 }] && item.Id == "t0" ? null : Row(identity, item, (_, _) => (identity.Interventions is [{ Layer: 4 or 5 }] ? 1 : 0, -2)),
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 6, Both));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2));
        ledger.Bottlenecks.AddRange([Ledger.Control("b", 0, 4, 1, 2), Ledger.Control("b", 1, 5, 1, 2)]);
        var cell = (await ledger.SummarizeAsync()).Cells.Single(cell => cell is { Scalar: 2, ControlIndex: null });
        Assert.Equal((2, 1), (cell.ControlRank, cell.Controls));
    }

    [Fact]
    public async Task SummarizeAsync_OnlyLogLikelihood_RanksADivergedControlLast()
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => identity.Interventions is [{ Layer: 4 }] && item.Id == "t0"
                ? Ledger.Result(identity, item, diverged: true)
                : Ledger.Result(identity, item, logLikelihood: -2 + Scalar(identity)),
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 6, Measure.LogLikelihood));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2));
        ledger.Bottlenecks.AddRange([Ledger.Control("b", 0, 4, 1, 2), Ledger.Control("b", 1, 5, 1, 2)]);
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal(("log_likelihood", ScoreUnit.NatsAnItem, 1), (row.Metric, row.Unit, row.Effect));
        Assert.Equal((2, 2, 2), (row.ControlRank, row.ScoreControlRank, row.Controls));
        Assert.Null(row.MinimumDetectableEffect);
        Assert.False(row.TooFewItems);
    }

    [Fact]
    public async Task SummarizeAsync_DivergedGenerationOnSelection_IsNeverTheWinner()
    {
        // Without log-likelihood: all items but the diverged one are right at 2.
        var ledger = new Ledger
        {
            Row = (identity, item) => Scalar(identity) == 2 && item.Id == "s1"
                ? Ledger.Result(identity, item, metric: 0, diverged: true)
                : Row(identity, item, (scalar, _) => (scalar == 2 ? 1 : 0, null)),
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("ifeval", 8, 4, Measure.Generation));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2));
        var summary = await ledger.SummarizeAsync();
        Assert.Equal(1, Assert.Single(summary.Rows).Scalar);
        var cell = summary.Cells.Single(cell => cell.Scalar == 2);
        Assert.Equal((1, 0), (cell.Splits["selection"].Diverged, cell.Splits["test"].Diverged));
        Assert.Equal(7.0 / 8, cell.Splits["selection"].Steered);
    }

    [Theory]
    [InlineData(Measure.LogLikelihood)]
    [InlineData(Measure.Generation)]
    public async Task SummarizeAsync_ScalarWithoutAllTheSelectionItems_IsNeverTheWinner(Measure missing)
    {
        // A batch that faulted took rows of scalar 2 with it; what is left of them is better than everything else.
        var ledger = new Ledger
        {
            Row = (identity, item) => identity.Measure == missing && Scalar(identity) == 2 && item.Id is "s0" or "s1" or "s2"
                ? null
                : Row(identity, item, (scalar, _) => (scalar == 2 ? 1 : 0, -5 + scalar)),
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 4, missing));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.5, 1, 2));
        Assert.Equal(1, Assert.Single((await ledger.SummarizeAsync()).Rows).Scalar);
    }

    /// <summary>IFEval's instruction level: three of four instructions of one prompt and none of the only one of the other are 3 of 5, as `sweep score` says.</summary>
    [Fact]
    public async Task SummarizeAsync_PooledMetric_CountsEveryVerdictOnce()
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => Ledger.Result(identity, item) with
            {
                Metrics = new Dictionary<string, double> { ["em"] = identity.Interventions.Count > 0 && item.Verdicts == 4 ? 0.75 : 0, ["other"] = item.Verdicts == 4 ? 1 : 0 },
            },
        };
        var benchmark = Ledger.Benchmark("ifeval", 2, 2, Measure.Generation);
        ledger.Benchmarks.Add(benchmark with { PooledMetrics = ["em"], Items = [.. benchmark.Items.Select(item => item.Id.EndsWith('0') ? item with { Verdicts = 4 } : item)] });
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2));
        var scores = (await ledger.SummarizeAsync()).Cells.Single(cell => cell.Scalar == 2).Splits["test"];
        Assert.Equal((0, 3.0 / 5, 3.0 / 5), (scores.Baseline, scores.Steered, scores.Effect));
        Assert.Equal([("em", 0.6), ("other", 0.5)], scores.Metrics!.Select(pair => (pair.Key, pair.Value)));
        Assert.Equal(1, scores.P);
        Assert.Null(scores.SteeredLow);
    }

    [Fact]
    public async Task SummarizeAsync_BinaryMetric_HasWilsonsIntervalInEachCell()
    {
        var ledger = new Ledger { Row = (identity, item) => Row(identity, item, (_, isTest) => (isTest && int.Parse(item.Id[1..]) < 8 ? 1 : 0, null)) };
        ledger.Benchmarks.Add(Ledger.Benchmark("ifeval", 4, 20, Measure.Generation));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2));
        var scores = (await ledger.SummarizeAsync()).Cells[0].Splits["test"];

        // 8 of 20: 21.9 to 61.3 percent.
        Assert.Equal(0.4, scores.Steered);
        Assert.Equal((0.219, 0.613), (Math.Round(scores.SteeredLow!.Value, 3), Math.Round(scores.SteeredHigh!.Value, 3)));
    }

    [Fact]
    public async Task SummarizeAsync_TextBenchmark_GivesPerplexityChangeAtTheSameScalar()
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => identity.Benchmark == "text"
                ? Ledger.Result(identity, item, logLikelihood: identity.Interventions.Count == 0 ? -20 : -20 - Scalar(identity))
                : Row(identity, item, (scalar, _) => (0, scalar == 2 ? -1 : -2)),
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 4, Both));
        ledger.Benchmarks.Add(Ledger.Benchmark("text", 2, 3, Measure.Perplexity));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.5, 1, 2));
        var summary = await ledger.SummarizeAsync();
        var row = Assert.Single(summary.Rows);

        // Two nats more over ten tokens an item.
        Assert.Equal(Math.Exp(0.2) - 1, row.PerplexityChange!.Value, 12);
        var cell = summary.Cells.Single(cell => cell.Benchmark == "text" && cell.Scalar == 2);
        Assert.Equal(Math.Exp(2.2), cell.Splits["test"].Perplexity!.Value, 12);
        Assert.Equal(8, summary.Cells.Count);
    }

    [Fact]
    public async Task SummarizeAsync_TextsOfUnequalLength_CountByTheirTokens()
    {
        // 30 tokens at 1 nat and 10 at 2 before; the short one loses half a nat a token.
        var ledger = new Ledger
        {
            Row = (identity, item) => item.Id.EndsWith('0')
                ? Ledger.Result(identity, item, logLikelihood: -30) with { LogLikelihoodTokens = 30 }
                : Ledger.Result(identity, item, logLikelihood: identity.Interventions.Count == 0 ? -20 : -25),
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("text", 2, 2, Measure.Perplexity));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2));
        var cell = (await ledger.SummarizeAsync()).Cells.Single(cell => cell.Scalar == 2);
        Assert.Equal(("perplexity", ScoreUnit.NatsAToken), (cell.Metric, cell.Unit));
        var scores = cell.Splits["test"];
        Assert.Equal((-50.0 / 40, -55.0 / 40, -5.0 / 40), (scores.Baseline, scores.Steered, scores.Effect));
        Assert.Equal(Math.Exp(55.0 / 40), scores.Perplexity!.Value, 1e-12);
        Assert.Equal(Math.Exp(5.0 / 40) - 1, scores.PerplexityChange!.Value, 1e-12);
    }

    [Fact]
    public async Task SummarizeAsync_MissingRows_AreLeftOutInPairs()
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => item.Id == "t0" && identity.Interventions.Count == 0 || (item.Id == "t1" && Scalar(identity) == 2)
                ? null
                : Row(identity, item, (scalar, _) => (scalar == 2 ? 1 : 0, scalar == 2 ? -1 : -2)),
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 6, Both));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2));
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal((4, 1), (row.TestItems, row.Effect));
    }

    [Fact]
    public async Task SummarizeAsync_NoItems_SaysTooFew()
    {
        var ledger = new Ledger { Row = (_, _) => null };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 2, 2, Both));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2));
        ledger.Bottlenecks.Add(Ledger.Control("b", 0, 4, 1, 2));
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.True(row.TooFewItems);
        Assert.Equal((0, 0.0, 1.0), (row.TestItems, row.Effect, row.Scalar!.Value));
        Assert.Null(row.ControlRank);
    }

    [Fact]
    public async Task SummarizeAsync_Ablation_IsReportedWithoutScalar()
    {
        var ledger = new Ledger { Row = (identity, item) => Ledger.Result(identity, item, identity.Interventions.Count == 0 ? 1 : 0) };
        ledger.Benchmarks.Add(Ledger.Benchmark("ifeval", 2, 8, Measure.Generation));
        var scale = Ledger.Scale("a", 3);
        ledger.Bottlenecks.Add(scale with { Interventions = [scale.Interventions[0] with { Operation = "ZeroAblate" }] });
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Null(row.Scalar);
        Assert.Equal((1, 0, -1), (row.Baseline, row.Steered, row.Effect));
        Assert.True(row.Receipt!.Fired);
    }

    [Fact]
    public async Task SummarizeAsync_OnlyAdds_TakesZeroForTheIdentity()
    {
        var ledger = new Ledger { Row = (identity, item) => Ledger.Result(identity, item, 1) };
        ledger.Benchmarks.Add(Ledger.Benchmark("ifeval", 2, 8, Measure.Generation));
        var scale = Ledger.Scale("a", 3, -1, 0, 1);
        ledger.Bottlenecks.Add(scale with { Interventions = [scale.Interventions[0] with { Operation = "Add", Values = [1, 1] }] });
        Assert.Equal(0, Assert.Single((await ledger.SummarizeAsync()).Rows).Scalar);
    }

    [Fact]
    public async Task SummarizeAsync_Twice_GivesTheSameBytes()
    {
        var ledger = new Ledger { Row = (identity, item) => Row(identity, item, (scalar, isTest) => (item.Id.Length % 2, -scalar / 3 - item.Id.Length)) };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 20, 20, Both));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.3, 1, 2));
        ledger.Bottlenecks.Add(Ledger.Control("b", 0, 4, 0.3, 1, 2));
        Assert.Equal(
            JsonSerializer.Serialize(await ledger.SummarizeAsync(), SweepJson.Options),
            JsonSerializer.Serialize(await ledger.SummarizeAsync(), SweepJson.Options));
    }

    /// <summary>Generation gives the metric, log-likelihood the likelihood, from a function of scalar (1: baseline) and split.</summary>
    private static ItemResult Row(JobIdentity identity, ResolvedItem item, Func<double, bool, (double Metric, double? LogLikelihood)> scores)
    {
        var (metric, logLikelihood) = scores(Scalar(identity), item.Split == ItemSplit.Test);
        return identity.Measure == Measure.Generation ? Ledger.Result(identity, item, metric) : Ledger.Result(identity, item, logLikelihood: logLikelihood);
    }

    private static Dictionary<string, double> Em(double value) => new() { ["em"] = value };

    private static double Scalar(JobIdentity identity) => identity.Interventions is [{ Scalar: { } scalar }] ? scalar : 1;
}
