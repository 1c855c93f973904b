using CsCheck;
using Sweep.Contracts.Plans;
using Sweep.Execution.Planning.Search;
using Sweep.Execution.Summaries;

namespace Sweep.Execution.Tests.Planning.Search;

public sealed class RaceRuleTests
{
    private static readonly RaceRule Rule = new();

    [Fact]
    public void Rounds_OfAnyRace_SaveWhatWasAskedForOrRunTheFewest() =>
        Gen.Select(Gen.Int[2, 60], Gen.Int[1, 500], Gen.Double[1, 20]).Sample((scalars, items, saving) =>
        {
            var stages = Stages(scalars, saving);
            int[] lengths = [.. stages.Select(stage => Rule.Items(stage, items))];
            var running = Steered(scalars);
            long runs = 0;
            for (var round = 0; round < stages.Count; round++)
            {
                if (round > 0)
                    running = Rule.Next(stages[round], Steered(scalars), Standings(running));
                Assert.NotEmpty(running);
                runs += (long)running.Count * (lengths[round] - (round == 0 ? 0 : lengths[round - 1]));
            }

            Assert.Equal(lengths.Order(), lengths);
            Assert.Equal(items, lengths[^1]);
            Assert.True(running.Count <= 2);
            Assert.True(runs <= scalars * items / saving || lengths[0] <= Math.Min(8, items), $"{runs} runs, first round {lengths[0]}");
        });

    [Fact]
    public void Next_Standings_KeepsTheFirstAndNeverTheIdentity()
    {
        var stage = Stages(8, 4)[1];
        double[] order = [9, 3, 5, 2, 8, 4, 7, 6];
        var standings = new SetStandings
        {
            Benchmark = 0,
            BestFirst = [Standing(9), Standing(1) with { IsIdentity = true }, .. order.Skip(1).Select(Standing)],
        };

        Assert.Equal([2, 3, 5, 9], Rule.Next(stage, Steered(8), standings));
        Assert.Empty(Rule.Next(stage, [], new SetStandings { Benchmark = 0, BestFirst = [Standing(0) with { Scalar = null }] }));
    }

    private static IReadOnlyList<SweepPlan> Stages(int scalars, double saving) => SearchStages.Chain(new SweepPlan
    {
        Name = "race",
        Models = [],
        Benchmarks = [],
        Bottlenecks = [new BottleneckPlan { Name = "b" }],
        Scalars = Steered(scalars),
        Search = new SearchPlan { Method = SearchPlan.Racing, Saving = saving },
    });

    private static IReadOnlyList<double> Steered(int scalars) => [.. Enumerable.Range(2, scalars).Select(scalar => (double)scalar)];

    private static SetStandings Standings(IReadOnlyList<double> scalars) => new() { Benchmark = 0, BestFirst = [.. scalars.Select(Standing)] };

    private static ScalarStanding Standing(double scalar) => new() { Scalar = scalar, IsIdentity = false, Items = 1, Diverged = 0 };
}
