using CsCheck;
using Sweep.Contracts.Plans;
using Sweep.Evaluation.Racing;
using Sweep.Execution.Planning.Search;
using Sweep.Execution.Summaries;

namespace Sweep.Execution.Tests.Planning.Search;

public sealed class CurveRuleTests
{
    private static readonly CurveRule Rule = new();
    private static readonly SweepPlan Stage = new() { Name = "curve", Models = [], Benchmarks = [], Bottlenecks = [], Search = new SearchPlan { Method = SearchPlan.Fit, Items = 32, First = 7, Rounds = 5, Round = 2 } };
    private static readonly IReadOnlyList<double> Paper = [.. PlanWords.PaperScalars.Where(scalar => scalar != 1)];

    [Fact]
    public void First_PaperScalars_AreEvenlySpreadWithTheEnds() => Assert.Equal([0.1, 0.5, 1.5, 4, 15, 35, 100], Rule.First(Stage, Paper));

    [Fact]
    public void First_AnyScalars_AreSoManyWithTheEnds() =>
        Gen.Select(Gen.Double[-5, 100].HashSet[1, 40], Gen.Int[2, 12]).Sample((set, wanted) =>
        {
            double[] scalars = [.. set.Order()];
            var first = Rule.First(Stage with { Search = Stage.Search! with { First = wanted } }, scalars);

            Assert.Equal(Math.Min(wanted, scalars.Length), first.Count);
            Assert.Equal(first.Order().Distinct(), first);
            Assert.Empty(first.Except(scalars));
            Assert.Equal((scalars[0], scalars[^1]), (first[0], first[^1]));
        });

    /// <summary>A peak at 0.2 that the first scalars only stand beside.</summary>
    [Fact]
    public void Next_EffectsOfASmoothCurve_CloseInOnItsPeak()
    {
        static double Truth(double scalar) => Math.Exp(-Math.Pow((ResponseCurve.Place(scalar) - ResponseCurve.Place(0.2)) / 0.4, 2)) - 0.02 * Math.Pow(ResponseCurve.Place(scalar) - ResponseCurve.Place(1), 2);
        var scalars = Rule.First(Stage, Paper);
        Assert.DoesNotContain(0.2, scalars);
        for (var round = 2; round <= 5 && !scalars.Contains(0.2); round++)
            scalars = Rule.Next(Stage, Paper, Standings(scalars, scalar => (Truth(scalar), 0.02)));

        Assert.Contains(0.2, scalars);
        Assert.InRange(scalars.Count, 8, 9);
    }

    [Fact]
    public void Next_NothingKnown_GoesGentlyOn() =>
        Assert.Equal([0.1, 0.3, 0.8, 0.9, 3, 10, 30, 100], Rule.Next(Stage, Paper, Standings([0.1, 0.3, 0.9, 3, 10, 30, 100], _ => (null, null))));

    [Fact]
    public void Next_SetThatOnlyAdds_IsZeroAtItsIdentity()
    {
        var standings = new SetStandings { Benchmark = 0, BestFirst = [Standing(2, 0.2, 0.01), Standing(0, 0, null) with { IsIdentity = true }, Standing(-2, -0.2, 0.01)] };

        Assert.Equal([-2, 2, 3], Rule.Next(Stage, [-3, -2, 2, 3], standings));
    }

    [Fact]
    public void Next_EverythingTried_AddsNothing() => Assert.Equal([2, 3], Rule.Next(Stage, [2, 3], Standings([2, 3], _ => (0.1, 0.1))));

    private static SetStandings Standings(IReadOnlyList<double> scalars, Func<double, (double? Effect, double? Error)> of) => new()
    {
        Benchmark = 0,
        BestFirst = [.. scalars.Select(scalar => Standing(scalar, of(scalar).Effect, of(scalar).Error)), Standing(1, 0, null) with { IsIdentity = true }],
    };

    private static ScalarStanding Standing(double scalar, double? effect, double? error) => new() { Scalar = scalar, IsIdentity = false, Items = 32, Effect = effect, Error = error, Diverged = 0 };
}
