using System.Text.Json;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Execution.Tests.Summaries;

/// <summary>Rows with the unsteered row of their own pass: what packing moves by itself.</summary>
public sealed partial class SweepSummarizerTests
{
    [Fact]
    public async Task SummarizeAsync_RowsWithPairs_AreComparedWithThemAndFlipsCounted()
    {
        // Alone every item is wrong; beside the steered rows t0 is right, and so it is steered: a flip, no effect.
        var ledger = new Ledger
        {
            Row = (identity, item) => Row(identity, item, (_, _) => (0, -2)) switch
            {
                var row when identity.Interventions.Count == 0 => row,
                var row when identity.Measure == Measure.Generation && item.Id == "t0" => row with { Metrics = Em(1), Pair = new PairScore { Metrics = Em(1) } },
                var row => row with { Pair = new PairScore { Metrics = row.Metrics, LogLikelihood = row.LogLikelihood + 0.25 } },
            },
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 4, Both));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 2));
        var summary = await ledger.SummarizeAsync();
        var row = Assert.Single(summary.Rows);
        Assert.Equal((1, true), (row.Flips, row.WithinNoise));
        Assert.Equal((0.25, 0.25, 0), (row.Baseline, row.Steered, row.Effect));
        Assert.Equal(-0.25, row.LogLikelihoodEffect);
        var splits = summary.Cells.Single(cell => cell.Bottleneck == "b").Splits;
        Assert.Equal((1, 0.25, true), (splits["test"].Flips, splits["test"].PackingNoise, splits["test"].WithinNoise));
        Assert.Equal((0, 0.25, false), (splits["selection"].Flips, splits["selection"].PackingNoise, splits["selection"].WithinNoise));

        // The baseline is its own pair.
        Assert.All(summary.Cells.Single(cell => cell.Bottleneck == "baseline").Splits.Values, scores => Assert.Equal((null, null, null), (scores.Flips, scores.PackingNoise, scores.WithinNoise)));
    }

    [Fact]
    public async Task SummarizeAsync_EffectAboveTheFlips_IsNotWithinNoise()
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => identity.Interventions.Count == 0 ? Ledger.Result(identity, item, 0)
                : Ledger.Result(identity, item, 1) with { Pair = new PairScore { Metrics = Em(item.Id == "t0" ? 1 : 0) } },
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("ifeval", 4, 4, Measure.Generation));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 2));
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal((0.75, 1, false), (row.Effect, row.Flips, row.WithinNoise));
    }

    [Theory]
    [InlineData(0.125, true)]
    [InlineData(0.5, false)]
    public async Task SummarizeAsync_LogLikelihoodWithPairs_IsWithinNoiseUpToTheLargestMove(double effect, bool within)
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => identity.Interventions.Count == 0 ? Ledger.Result(identity, item, logLikelihood: -2)
                : Ledger.Result(identity, item, logLikelihood: Beside(item) + effect) with { Pair = new PairScore { LogLikelihood = Beside(item) } },
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 4, Measure.LogLikelihood));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 2));
        var summary = await ledger.SummarizeAsync();
        var row = Assert.Single(summary.Rows);
        Assert.Equal((effect, 0, within), (row.Effect, row.Flips, row.WithinNoise));
        Assert.Equal(0.25, summary.Cells.Single(cell => cell.Bottleneck == "b").Splits["test"].PackingNoise);

        static double Beside(ResolvedItem item) => item.Id == "t1" ? -2.25 : -2;
    }

    [Fact]
    public async Task SummarizeAsync_PlainTextWithPairs_HasItsNoiseAToken()
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => identity.Interventions.Count == 0 ? Ledger.Result(identity, item, logLikelihood: -20)
                : Ledger.Result(identity, item, logLikelihood: -30) with { Pair = new PairScore { LogLikelihood = -25 } },
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("text", 4, 4, Measure.Perplexity));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 2));
        var test = (await ledger.SummarizeAsync()).Cells.Single(cell => cell.Bottleneck == "b").Splits["test"];
        Assert.Equal((-2.5, -3, -0.5), (test.Baseline, test.Steered, test.Effect));
        Assert.Equal((0, 0.5, true), (test.Flips, test.PackingNoise, test.WithinNoise));
    }

    [Fact]
    public async Task SummarizeAsync_PairThatDiverged_IsAFlipAndTheRecordedBaselineStands()
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => identity.Interventions.Count == 0 ? Ledger.Result(identity, item, logLikelihood: -2)
                : Ledger.Result(identity, item, logLikelihood: -1) with { Pair = new PairScore { LogLikelihood = item.Id == "t0" ? null : -2 } },
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 4, Measure.LogLikelihood));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 2));
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal((1, 1, 4), (row.Flips, row.Effect, row.TestItems));
    }

    [Fact]
    public async Task SummarizeAsync_SteeredRowsThatEqualTheirPairs_AreInert()
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => identity.Interventions.Count == 0 ? Ledger.Result(identity, item, logLikelihood: -2)
                : Ledger.Result(identity, item, logLikelihood: -2.25) is var row ? row with { Pair = new PairScore { LogLikelihood = -2.25 }, Receipt = row.Receipt with { NextTokenKl = 0 } } : null,
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 4, Measure.LogLikelihood));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 2));
        Assert.True(Assert.Single((await ledger.SummarizeAsync()).Rows).Receipt!.Inert);
    }

    [Fact]
    public async Task SummarizeAsync_RowsWithoutPairs_SayNothingOfPacking()
    {
        var ledger = new Ledger { Row = (identity, item) => Row(identity, item, (scalar, _) => (scalar == 2 ? 1 : 0, -scalar)) };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 4, Both));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 2));
        var text = JsonSerializer.Serialize(await ledger.SummarizeAsync(), SweepJson.Options);
        Assert.All(["flips", "packing_noise", "within_noise"], (string name) => Assert.DoesNotContain(name, text, StringComparison.Ordinal));
    }
}
