using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Evaluation.Statistics;

namespace Sweep.Execution.Tests.Summaries;

/// <summary>Which statistics a row gets, and what it says then.</summary>
public sealed partial class SweepSummarizerTests
{
    [Fact]
    public async Task SummarizeAsync_OneBinaryItemAGroup_HasMcNemarAndTango()
    {
        var row = Assert.Single((await Turned(40, better: 12, worse: 2).SummarizeAsync()).Rows);
        Assert.Equal(PairedTests.McNemar(2, 12), row.P);
        Assert.Equal(row.P, row.McNemarP);
        Assert.Equal(TangoInterval.Of(12, 2, 40), (row.EffectLow!.Value, row.EffectHigh!.Value));
        Assert.Equal((40, 40, 0.25), (row.TestItems, row.TestGroups, row.Effect));
    }

    [Fact]
    public async Task SummarizeAsync_GroupsOfTwo_HaveSignFlipsAndBca()
    {
        var row = Assert.Single((await Turned(40, better: 12, worse: 2, alone: false).SummarizeAsync()).Rows);

        // Six groups of +2, one of −2: of 2⁷ flips the sums 10 and 14 and their opposites reach it, 2 · (7 + 1).
        Assert.Equal(16 / 128.0, row.P!.Value, 1e-12);
        Assert.Null(row.McNemarP);
        Assert.InRange(row.EffectLow!.Value, 0, 0.15);
        Assert.InRange(row.EffectHigh!.Value, 0.35, 0.5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SummarizeAsync_NothingMoved_HasAnIntervalOfSomeWidth(bool alone)
    {
        var row = Assert.Single((await Turned(40, better: 0, worse: 0, alone).SummarizeAsync()).Rows);
        var quiet = TangoInterval.Of(0, 0, alone ? 40 : 20);
        Assert.Equal((0, quiet.Low, quiet.High), (row.Effect, row.EffectLow, row.EffectHigh));
        Assert.Equal((1, 1, 1, 1), (row.P, row.FamilyP, row.HolmP, row.FdrP));
    }

    [Fact]
    public async Task SummarizeAsync_OneGroup_HasNoInterval()
    {
        var ledger = new Ledger { Row = (identity, item) => Row(identity, item, (scalar, _) => (scalar == 2 ? 1 : 0, scalar)) };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 2, Both));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2));
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal((null, null, EffectVerdict.Undecided), (row.EffectLow, row.EffectHigh, row.Verdict));
    }

    [Fact]
    public async Task SummarizeAsync_SeveralRows_AreCorrectedForTheirNumber()
    {
        // Bottlenecks turn as many items right as their layer says.
        var ledger = new Ledger
        {
            Row = (identity, item) => Row(identity, item, (scalar, isTest) => (isTest && scalar == 2 && Number(item) < identity.Interventions[0].Layer ? 1 : 0, scalar == 2 ? -1 : -2)),
        };
        ledger.Benchmarks.Add(Ledger.Alone(Ledger.Benchmark("squad", 4, 40, Both)));
        ledger.Bottlenecks.AddRange([Ledger.Scale("a", 9, 1, 2), Ledger.Scale("b", 4, 1, 2), Ledger.Scale("c", 3, 1, 2)]);
        var rows = (await ledger.SummarizeAsync()).Rows;
        double[] alone = [.. rows.Select(row => row.P!.Value)];
        Assert.Equal(PairedTests.McNemar(0, 9), alone[0]);
        Assert.Equal(AdjustedP.Holm(alone), rows.Select(row => row.HolmP!.Value));
        Assert.Equal(AdjustedP.BenjaminiHochberg(alone), rows.Select(row => row.FdrP!.Value));
        Assert.All(rows, row => Assert.InRange(row.FamilyP!.Value, row.P!.Value - 0.01, (3 * row.P.Value) + 0.01));
        Assert.Equal([EffectVerdict.Better, EffectVerdict.Undecided, EffectVerdict.Undecided], rows.Select(row => row.Verdict!.Value));
    }

    [Theory]
    [InlineData(40, 12, 2, EffectVerdict.Better)]
    [InlineData(40, 2, 12, EffectVerdict.Worse)]
    [InlineData(40, 4, 2, EffectVerdict.Undecided)]
    [InlineData(40, 0, 0, EffectVerdict.Undecided)]
    [InlineData(300, 0, 0, EffectVerdict.Equivalent)]
    public async Task SummarizeAsync_Row_SaysItsVerdict(int items, int better, int worse, EffectVerdict verdict) =>
        Assert.Equal(verdict, Assert.Single((await Turned(items, better, worse).SummarizeAsync()).Rows).Verdict);

    [Fact]
    public async Task SummarizeAsync_PlansSmallestEffect_IsTheMargin()
    {
        var ledger = Turned(40, 12, 2);
        ledger.Plan = ledger.Plan with { SmallestEffect = new SmallestEffectPlan { Points = 60 } };
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal(EffectVerdict.Equivalent, row.Verdict);
        Assert.Equal(EquivalenceTest.Equivalent(12, 2, 40, 0.6), row.EquivalentP);
        Assert.Equal(EquivalenceTest.NotWorse(12, 2, 40, 0.6), row.NotWorseP);
    }

    [Fact]
    public async Task SummarizeAsync_IdentityChosen_HasNoVerdict()
    {
        var ledger = new Ledger { Row = (identity, item) => Row(identity, item, (scalar, _) => (scalar == 1 ? 1 : 0, -scalar * scalar + (2 * scalar))) };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 6, Both));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 0.5, 1, 2));
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal((1, 0, null), (row.Scalar, row.Effect, row.Verdict));
    }

    [Theory]
    [InlineData(-0.5, true)]
    [InlineData(0.5, false)]
    public async Task SummarizeAsync_ScoreRisesWhileLogLikelihoodFalls_IsReshuffling(double move, bool reshuffling)
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => Row(identity, item, (scalar, isTest) => (scalar == 2 && isTest && Number(item) < 5 ? 1 : 0, scalar != 2 ? -5 : isTest ? -5 + move : -4)),
        };
        ledger.Benchmarks.Add(Ledger.Alone(Ledger.Benchmark("squad", 4, 20, Both)));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2));
        var summary = await ledger.SummarizeAsync();
        var row = Assert.Single(summary.Rows);
        Assert.Equal((0.25, move, reshuffling), (row.Effect, row.LogLikelihoodEffect, row.Reshuffling));
        Assert.Equal(reshuffling, summary.Cells.Single(cell => cell.Scalar == 2).Reshuffling);
        Assert.InRange(row.LogLikelihoodP!.Value, 0, 0.001);
    }

    [Fact]
    public async Task SummarizeAsync_BestOfManyEqualScalars_SaysWhatIsLeftOfTheGain()
    {
        // Ten scalars without any difference but noise on the selection split: the best looks better than it is.
        var ledger = new Ledger { Row = (identity, item) => Row(identity, item, (scalar, _) => (0, scalar == 1 ? -5 : -5 + Noise(scalar, item))) };
        ledger.Benchmarks.Add(Ledger.Alone(Ledger.Benchmark("squad", 40, 4, Both)));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]));
        var gain = Assert.Single((await ledger.SummarizeAsync()).Rows).Selection!;
        Assert.Equal(ScoreUnit.NatsAnItem, gain.Unit);
        Assert.InRange(gain.Raw, 0.01, 1);
        Assert.InRange(gain.Corrected!.Value, -1, gain.Raw - 0.01);
    }

    [Fact]
    public async Task SummarizeAsync_SeveralBenchmarks_AreCombined()
    {
        var ledger = Turned(40, better: 12, worse: 2);
        ledger.Benchmarks.Add(Ledger.Alone(Ledger.Benchmark("drop", 4, 40, Both)));
        ledger.Benchmarks.Add(Ledger.Benchmark("text", 4, 4, Measure.Perplexity));
        var summary = await ledger.SummarizeAsync();
        var overall = Assert.Single(summary.Overall);
        Assert.Equal(("b", 2), (overall.Bottleneck, overall.Benchmarks));
        Assert.Equal(0.25, overall.Effect, 1e-12);
        Assert.True(overall.EffectLow < 0.25 && overall.EffectHigh > 0.25);
        Assert.Equal(0, overall.Tau);
    }

    [Fact]
    public async Task SummarizeAsync_TwentyControls_HasACorrectedRank()
    {
        var summary = await Controlled(20, bottlenecks: 2).SummarizeAsync();
        Assert.Equal(20, summary.NullSweeps);
        Assert.Equal([(1, 20, false), (1, 20, false)], summary.Rows.Select(row => (row.ControlRank!.Value, row.Controls, row.RankOnly)));
        Assert.All(summary.Rows, row => Assert.Equal(1 / 21.0, row.ControlCorrectedP!.Value, 1e-12));
    }

    [Fact]
    public async Task SummarizeAsync_BottleneckWithFewControls_SaysRankOnlyAndTakesNothingFromOthers()
    {
        var ledger = Controlled(20, bottlenecks: 2);
        ledger.Bottlenecks.RemoveAll(bottleneck => bottleneck is { Name: "b1", ControlIndex: > 3 });
        var summary = await ledger.SummarizeAsync();
        Assert.Equal([(1 / 21.0, false), (null, true)], summary.Rows.Select(row => (row.ControlCorrectedP, row.RankOnly)));
        Assert.Equal(1 / 5.0, summary.Rows[1].ControlP);
    }

    [Fact]
    public async Task SummarizeAsync_ControlsOfOtherKinds_StandBesideTheRank()
    {
        var ledger = Controlled(3, bottlenecks: 1);
        ledger.Bottlenecks.AddRange(Enumerable.Range(0, 2).Select(index => Ledger.Control("b0", index, 9, 1, 2) with { Kind = ControlKind.NormMatched }));
        ledger.Bottlenecks.Add(Ledger.Control("b0", 0, 10, 1, 1.5) with { Kind = ControlKind.EqualNorm });
        var row = Assert.Single((await ledger.SummarizeAsync()).Rows);
        Assert.Equal((1, 3), (row.ControlRank, row.Controls));
        Assert.Equal([ControlKind.Random, ControlKind.NormMatched, ControlKind.EqualNorm], row.Comparisons.Select(comparison => comparison.Kind));
        Assert.Equal((2, 1, 1 / 3.0), (row.Comparisons[1].Sets, row.Comparisons[1].Rank, row.Comparisons[1].P));
        Assert.Equal((1, null, null), (row.Comparisons[2].Sets, row.Comparisons[2].Rank, row.Comparisons[2].P));
        Assert.All(row.Comparisons, comparison => Assert.True(comparison.LogLikelihoodEffect < row.LogLikelihoodEffect));
    }

    /// <summary>A bottleneck at scalar 2, chosen by its log-likelihood, that turns so many of the test items right and wrong.</summary>
    private static Ledger Turned(int items, int better, int worse, bool alone = true)
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => Row(identity, item, (scalar, isTest) =>
            {
                var turned = isTest && scalar == 2;
                var number = Number(item);
                return (number < better ? (turned ? 1 : 0) : number < better + worse ? (turned ? 0 : 1) : 0, scalar == 2 ? -1 : -2);
            }),
        };
        var benchmark = Ledger.Benchmark("squad", 4, items, Both);
        ledger.Benchmarks.Add(alone ? Ledger.Alone(benchmark) : benchmark);
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2));
        return ledger;
    }

    /// <summary>Bottlenecks on layers of their own that gain a nat at scalar 2, and controls that gain next to nothing.</summary>
    private static Ledger Controlled(int controls, int bottlenecks)
    {
        var ledger = new Ledger
        {
            Row = (identity, item) => Row(identity, item, (scalar, _) => (0, scalar == 1 ? -5 : identity.Interventions[0].Layer < 2 ? -4 : -5 + (0.001 * identity.Interventions[0].Layer))),
        };
        ledger.Benchmarks.Add(Ledger.Alone(Ledger.Benchmark("squad", 4, 8, Both)));
        for (var index = 0; index < bottlenecks; index++)
        {
            ledger.Bottlenecks.Add(Ledger.Scale($"b{index}", index, 1, 2));
            ledger.Bottlenecks.AddRange(Enumerable.Range(0, controls).Select(control => Ledger.Control($"b{index}", control, 20 + (50 * index) + control, 1, 2)));
        }

        return ledger;
    }

    private static int Number(ResolvedItem item) => int.Parse(item.Id[1..], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>−½ to ½, of the scalar and the item alone.</summary>
    private static double Noise(double scalar, ResolvedItem item) =>
        new Random(((int)(scalar * 1000) * 100_003) + (Number(item) * 2) + (item.Split == ItemSplit.Test ? 1 : 0)).NextDouble() - 0.5;
}
