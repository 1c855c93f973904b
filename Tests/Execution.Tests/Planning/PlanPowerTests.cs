using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Execution.Planning;

namespace Sweep.Execution.Tests.Planning;

public sealed class PlanPowerTests
{
    [Fact]
    public void Of_AnyPlan_HasThePlanningTable()
    {
        var needed = PlanPower.Of(Plan()).Needed;
        Assert.Equal(
            [(0.05, 0.15, 469, 498), (0.05, 0.25, 783, 817), (0.1, 0.25, 194, 207), (0.02, 0.1, 1960, 2043)],
            needed.Select(one => (one.Effect, one.Discordance, one.Asymptotic, one.Exact)));
    }

    /// <summary>SciPy 1.10.1 finds 14.42 points with 100 pairs at discordance 25 %, and 7.79 where nothing gets worse (Evaluation.Tests, Statistics/References/power.py).</summary>
    [Fact]
    public void Of_TestItems_AreWhatCounts()
    {
        var benchmark = Assert.Single(PlanPower.Of(Plan(Items(100, ItemSplit.Test), Items(500, ItemSplit.Selection))).Benchmarks);
        Assert.Equal(("squad", 100, 100), (benchmark.Name, benchmark.Items, benchmark.Groups));
        Assert.Equal([0.15, 0.25], benchmark.Effects.Select(one => one.Discordance));
        Assert.Equal(0.1442057, benchmark.Effects[1].Effect!.Value, 1e-6);
        Assert.Equal(0.0779111, benchmark.LeastEffect!.Value, 1e-6);
    }

    [Fact]
    public void Of_ItemsThatShareGroups_CountByGroups()
    {
        var alone = PlanPower.Of(Plan(Items(100, ItemSplit.Test))).Benchmarks[0];
        var shared = PlanPower.Of(Plan(Items(300, ItemSplit.Test, aGroup: 3))).Benchmarks[0];
        Assert.Equal((300, 100), (shared.Items, shared.Groups));
        Assert.Equal(alone.Effects, shared.Effects);
        Assert.Equal(alone.LeastEffect, shared.LeastEffect);
    }

    [Fact]
    public void Of_FewItems_FindNothing()
    {
        var twelve = PlanPower.Of(Plan(Items(12, ItemSplit.Test))).Benchmarks[0];
        Assert.All(twelve.Effects, one => Assert.Null(one.Effect));
        Assert.Equal(0.5779389, twelve.LeastEffect!.Value, 1e-6);
        Assert.Null(PlanPower.Of(Plan(Items(5, ItemSplit.Test))).Benchmarks[0].LeastEffect);
        Assert.Null(PlanPower.Of(Plan()).Benchmarks[0].LeastEffect);
    }

    [Fact]
    public void Of_PlainText_HasNoShare()
    {
        var plan = Plan(Items(100, ItemSplit.Test));
        Assert.Empty(PlanPower.Of(plan with { Benchmarks = [plan.Benchmarks[0] with { Measures = [Measure.Perplexity] }] }).Benchmarks);
    }

    [Theory]
    [InlineData(20, 20, 20, 0, 1 / 21.0)]
    [InlineData(4, 4, 0, 2, 0.2)]
    [InlineData(200, 40, 40, 0, 1 / 41.0)]
    [InlineData(200, 18, 200, 1, 1 / 201.0)]
    [InlineData(19, 0, 19, 1, 0.05)]
    public void Of_Controls_SayTheSmallestCorrectedP(int one, int other, int sweeps, int rankOnly, double smallest)
    {
        var ranks = PlanPower.Of(Plan() with { Bottlenecks = [.. Set("one", one), .. Set("other", other)] }).Ranks!;
        Assert.Equal((2, sweeps, rankOnly, 19), (ranks.Bottlenecks, ranks.NullSweeps, ranks.RankOnly, ranks.Fewest));
        Assert.Equal(smallest, ranks.SmallestP, 1e-12);
    }

    [Fact]
    public void Of_ControlsThatAreNotRandom_SayNothing()
    {
        ResolvedBottleneck[] set = [.. Set("one", 20)];
        Assert.Null(PlanPower.Of(Plan() with { Bottlenecks = [.. set.Select(control => control.Kind is null ? control : control with { Kind = ControlKind.OtherChannels })] }).Ranks);
        Assert.Null(PlanPower.Of(Plan()).Ranks);
    }

    private static IEnumerable<ResolvedBottleneck> Set(string name, int controls) => Enumerable.Range(-1, controls + 1).Select(control => new ResolvedBottleneck
    {
        Model = 0,
        Name = name,
        Role = control < 0 ? BottleneckRole.Bottleneck : BottleneckRole.Control,
        Kind = control < 0 ? null : ControlKind.Random,
        ControlIndex = control < 0 ? null : control,
        Recipe = "",
        Scalars = [1],
        Interventions = [],
    });

    private static IEnumerable<ResolvedItem> Items(int count, ItemSplit split, int aGroup = 1) => Enumerable.Range(0, count)
        .Select(i => new ResolvedItem { Id = $"{split}{i}", Group = $"{split}{i / aGroup}", Split = split, PromptTokens = [1], GoldTokens = [1] });

    private static ResolvedPlan Plan(params IEnumerable<ResolvedItem>[] items) => new()
    {
        Models = [],
        Bottlenecks = [],
        NumericsId = "cpu/1",
        Benchmarks =
        [
            new ResolvedBenchmark
            {
                Name = "squad",
                Kind = "squad",
                Path = "squad.json",
                DataHash = "h",
                PromptVersion = "1",
                MetricVersion = "1",
                PrimaryMetric = "em",
                Measures = [Measure.LogLikelihood, Measure.Generation],
                Items = [.. items.SelectMany(part => part)],
            },
        ],
    };
}
