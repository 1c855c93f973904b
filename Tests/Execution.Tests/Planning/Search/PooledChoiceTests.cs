using Sweep.Contracts.Plans;
using Sweep.Execution.Planning.Search;
using Sweep.Execution.Summaries;

namespace Sweep.Execution.Tests.Planning.Search;

public sealed class PooledChoiceTests
{
    private static readonly ResolvedBottleneck Bottleneck = new()
    {
        Model = 0,
        Name = "b",
        Role = BottleneckRole.Bottleneck,
        Recipe = "channels of the plan",
        Scalars = [0.5, 1, 2],
        Interventions = [],
    };

    [Fact]
    public void Of_SeveralBenchmarks_IsTheScalarWithTheHighestMeanOverTheirItems() =>
        Assert.Equal(2, Chosen(Set(10, (0.5, 0.3), (1, 0), (2, 0.1)), Set(30, (0.5, -0.05), (1, 0), (2, 0.1))).Scalar);

    [Fact]
    public void Of_ScalarThatDivergedAnywhere_IsNotChosen() =>
        Assert.Equal(0.5, Chosen(Set(10, (0.5, 0.1), (1, 0), (2, 9)), Set(10, (0.5, 0.1), (1, 0), (2, null))).Scalar);

    [Fact]
    public void Of_NothingBetterThanTheIdentity_IsTheIdentity() =>
        Assert.Equal(1, Chosen(Set(10, (0.5, -0.1), (1, 0), (2, -0.2))).Scalar);

    [Fact]
    public void Of_Ablation_HasNoScalar()
    {
        var choice = Assert.Single(PooledChoice.Of(Plan(Bottleneck with { Scalars = [] }), [[Set(10, (null, -0.4))]]));

        Assert.Equal((null, 0, 1), (choice.Scalar, choice.SelectionItems, choice.Tried));
    }

    private static FrozenChoice Chosen(params SetStandings[] sets) => Assert.Single(PooledChoice.Of(Plan(Bottleneck), [sets]));

    private static ResolvedPlan Plan(ResolvedBottleneck bottleneck) => new() { Models = [], Benchmarks = [], Bottlenecks = [bottleneck], NumericsId = "cpu" };

    private static SetStandings Set(int items, params (double? Scalar, double? Effect)[] standings) => new()
    {
        Benchmark = 0,
        BestFirst = [.. standings.Select(standing => new ScalarStanding { Scalar = standing.Scalar, IsIdentity = standing.Scalar == 1, Items = items, Effect = standing.Effect, Diverged = 0 })],
    };
}
