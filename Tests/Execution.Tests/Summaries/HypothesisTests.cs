using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Execution.Tests.Summaries;

/// <summary>Three items in ten are right. Layer 3 makes six more right at 0.5, layer 5 all wrong, whatever log-likelihoods say; layer 4 and the controls, from layer 6 on, change none.</summary>
public sealed class HypothesisTests
{
    private const int Items = 100;

    private static readonly HypothesisPlan Gains = new() { Name = "h", Statement = "s", Bottleneck = "good", Direction = "better" };

    public static TheoryData<string, HypothesisPlan, HypothesisOutcome> Claims => new()
    {
        { "it gains", Gains, HypothesisOutcome.Confirmed },
        { "it loses", Gains with { Direction = "worse" }, HypothesisOutcome.Refuted },
        { "it does nothing", Gains with { Direction = "equivalent" }, HypothesisOutcome.Refuted },
        { "it gains 50 points", Gains with { SmallestEffect = new SmallestEffectPlan { Points = 50 } }, HypothesisOutcome.Confirmed },
        { "it gains 80 points", Gains with { SmallestEffect = new SmallestEffectPlan { Points = 80 } }, HypothesisOutcome.Refuted },
        { "the bad one gains", Gains with { Bottleneck = "bad" }, HypothesisOutcome.Refuted },
        { "the bad one loses at 0.5", Gains with { Bottleneck = "bad", Direction = "worse", Scalar = 0.5 }, HypothesisOutcome.Confirmed },
        { "the still one does nothing", Gains with { Bottleneck = "still", Direction = "equivalent" }, HypothesisOutcome.Confirmed },
        { "it is chosen at 0.5", Gains with { Chosen = 0.5 }, HypothesisOutcome.Confirmed },
        { "it is chosen at 2", Gains with { Chosen = 2 }, HypothesisOutcome.Refuted },
        { "it gains at 2", Gains with { Scalar = 2 }, HypothesisOutcome.Refuted },
        { "it gains more than the still one", Gains with { Than = ["still"] }, HypothesisOutcome.Confirmed },
        { "it gains more than both", Gains with { Than = ["still", "bad"], Scalar = 0.5 }, HypothesisOutcome.Confirmed },
        { "the still one gains more than it", Gains with { Bottleneck = "still", Than = ["good"] }, HypothesisOutcome.Refuted },
        { "it gains by another metric", Gains with { Metric = "f1" }, HypothesisOutcome.Confirmed },
        { "it gains by a metric that there is not", Gains with { Metric = "lenient" }, HypothesisOutcome.Undecided },
        { "it gains on another benchmark", Gains with { Benchmarks = ["other"] }, HypothesisOutcome.Undecided },
        { "it beats controls", Gains with { Against = "controls" }, HypothesisOutcome.Confirmed },
        { "the still one beats controls", Gains with { Bottleneck = "still", Against = "controls" }, HypothesisOutcome.Refuted },
    };

    [Theory]
    [MemberData(nameof(Claims))]
    public async Task SummarizeAsync_Hypothesis_IsConfirmedRefutedOrUndecided(string claim, HypothesisPlan hypothesis, HypothesisOutcome expected)
    {
        var ledger = new Ledger { Row = Row };
        ledger.Benchmarks.Add(Ledger.Alone(Ledger.Benchmark("squad", 20, Items, Measure.LogLikelihood, Measure.Generation)));
        foreach (var (layer, name) in ((int, string)[])[(3, "good"), (4, "still"), (5, "bad")])
        {
            ledger.Bottlenecks.Add(Ledger.Scale(name, layer, 0.5, 1, 2));
            ledger.Bottlenecks.AddRange(Enumerable.Range(0, hypothesis.Against == "controls" ? 20 : 0).Select(control => Ledger.Control(name, control, 6 + control, 0.5, 1, 2)));
        }

        ledger.Plan = ledger.Plan with { Hypotheses = [hypothesis], SmallestEffect = new SmallestEffectPlan { Points = 5 } };
        var summary = await ledger.SummarizeAsync();

        var result = Assert.Single(summary.Hypotheses!);
        Assert.True(expected == result.Outcome, $"{claim}: found {result.Outcome}, expected {expected}: {string.Join("; ", result.Parts)}");
        if (hypothesis is { Metric: null, Scalar: null, Than: null, SmallestEffect: null, Against: "baseline", Benchmarks: null })
        {
            var row = summary.Rows.Single(row => row.Bottleneck == hypothesis.Bottleneck);
            Assert.Equal((row.Effect, row.FamilyP), (result.Parts.Single().Effect, result.Parts.Single().P));
        }
    }

    [Fact]
    public async Task SummarizeAsync_OnePartUndecided_IsUndecidedAndOneRefutedIsRefuted()
    {
        var ledger = new Ledger { Row = Row };
        ledger.Benchmarks.Add(Ledger.Alone(Ledger.Benchmark("squad", 20, Items, Measure.Generation)));
        ledger.Benchmarks.Add(Ledger.Alone(Ledger.Benchmark("small", 20, 4, Measure.Generation)));
        ledger.Bottlenecks.Add(Ledger.Scale("good", 3, 0.5, 1));
        ledger.Bottlenecks.Add(Ledger.Scale("bad", 5, 0.5, 1));
        ledger.Plan = ledger.Plan with { Hypotheses = [Gains, Gains with { Benchmarks = ["squad"] }, Gains with { Scalar = 0.5, Than = ["bad"], Direction = "worse" }] };

        var results = (await ledger.SummarizeAsync()).Hypotheses!;

        Assert.Equal([HypothesisOutcome.Undecided, HypothesisOutcome.Confirmed, HypothesisOutcome.Refuted], results.Select(result => result.Outcome));
        Assert.Equal([HypothesisOutcome.Confirmed, HypothesisOutcome.Undecided], results[0].Parts.Select(part => part.Outcome));
    }

    [Fact]
    public async Task SummarizeAsync_WithoutHypotheses_SaysNothingOfThem()
    {
        var ledger = new Ledger { Row = Row };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 4, 4, Measure.Generation));
        ledger.Bottlenecks.Add(Ledger.Scale("good", 3, 0.5, 1));

        Assert.Null((await ledger.SummarizeAsync()).Hypotheses);
    }

    private static ItemResult Row(JobIdentity identity, ResolvedItem item)
    {
        var number = int.Parse(item.Id[1..], System.Globalization.CultureInfo.InvariantCulture) % 10;
        var (layer, scalar) = identity.Interventions is [{ } one] ? (one.Layer, one.Scalar) : (0, 1);
        var isRight = (layer, scalar) switch { (3, 0.5) => number != 6, (5, 0.5) => false, _ => number > 6 };

        // By log-likelihood all choose 0.5; the controls' is a little better than the still one's.
        var gain = (layer, scalar) switch { (3, 0.5) => 3.0, (4, 0.5) => 0.01, (5, 0.5) => 0.5, ( > 5, 0.5) => 0.02 + (0.0001 * layer), _ => 0 };
        return identity.Measure == Measure.LogLikelihood
            ? Ledger.Result(identity, item, logLikelihood: -5 + gain - (0.01 * number))
            : Ledger.Result(identity, item) with { Metrics = new Dictionary<string, double> { ["em"] = isRight ? 1 : 0, ["f1"] = isRight ? 1 : 0 } };
    }
}
