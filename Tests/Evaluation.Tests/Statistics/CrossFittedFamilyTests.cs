using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class CrossFittedFamilyTests
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 12).Select(group => $"g{group:00}")];

    /// <summary>Without a choice all flips up to the sign of the whole are as many as all, and p is the sign-flip test's.</summary>
    [Fact]
    public void Alone_OneConfiguration_IsTheSignFlipTest()
    {
        double[] values = [0.3, -0.1, 0.8, 0.05, -0.4, 1.1, 0.2, 0.6, -0.1, 0.4, 0.9, -0.2];
        var found = new CrossFittedFamily([Member([0, 1], [values])], seed: 1).Alone(0);
        Assert.Equal(SignFlipTest.P(values, Names, 1), found.P, 1e-12);
    }

    [Fact]
    public void Alone_ByHand_GoesThroughAllWorlds()
    {
        // Groups a and b, a fold each; beside the identity one scalar that gains 1 and 2. As recorded both folds choose it: 3 / √5. Flip a: b's fold is left with the identity and a's keeps the
        // scalar, −1 / 1. Flip b: −2 / 2. Flip both: both keep the identity, 0. One world of four is as far from 0 as what was recorded.
        var choice = new CrossFit(["a", "b"], [0, 1], [[0, 0], [1, 2]]);
        var found = new CrossFittedFamily([new CrossFittedMember { Block = "x", Part = new CrossFittedPart(choice, [[0, 0], [1, 2]]) }], seed: 1).Alone(0);
        Assert.Equal((3 / Math.Sqrt(5), 0.25), (found.T, found.P));
        Assert.Equal(1, found.Widening);
    }

    [Fact]
    public void Alone_NothingToFind_RejectsNoMoreThanItSays()
    {
        // The same items with the choices taken for given would be found in about one run of six (Perf crossfit).
        const int runs = 200;
        var (found, widening) = (0, 0.0);
        for (var run = 0; run < runs; run++)
        {
            var random = new Random(run);
            double[][] values = [new double[60], .. Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, 60).Select(_ => random.NextDouble() - 0.5).ToArray())];
            string[] names = [.. Enumerable.Range(0, 60).Select(group => $"g{group}")];
            var choice = new CrossFit(names, [.. names.Select((_, group) => group % 5)], values);
            var effect = new CrossFittedFamily([new CrossFittedMember { Block = "x", Part = new CrossFittedPart(choice, values) }], run, draws: 199).Alone(0);
            found += effect.P <= 0.05 ? 1 : 0;
            widening += effect.Widening / runs;
        }

        // 10 with a standard deviation of 3.1.
        Assert.InRange(found, 0, 20);
        Assert.InRange(widening, 1.15, 1.6);
    }

    [Fact]
    public void Together_AFamily_IsNoSmallerThanAlone()
    {
        var random = new Random(5);
        double[] Draw(double mean) => [.. Names.Select(_ => mean + random.NextDouble() - 0.5)];
        CrossFittedMember[] members = [.. Enumerable.Range(0, 4).Select(member => Member([0, 1, 2], [new double[12], Draw(0.2 * member), Draw(0)]))];
        var family = new CrossFittedFamily(members, seed: 3);
        var corrected = family.Together([0, 1, 2, 3]);
        Assert.All(corrected.Index(), pair => Assert.True(pair.Item >= family.Alone(pair.Index).P));
        Assert.Equal(family.Alone(2).P, Assert.Single(family.Together([2])));
        Assert.Equal(corrected, new CrossFittedFamily(members, seed: 3).Together([0, 1, 2, 3]));
    }

    [Fact]
    public void Alone_TheSameChoiceSubtracted_IsNothing()
    {
        var one = Member([0, 1], [new double[12], [.. Names.Select((_, group) => group + 1.0)]]);
        var found = new CrossFittedFamily([one with { Minus = one.Part }], seed: 1).Alone(0);
        Assert.Equal((0, 1, 1), (found.T, found.P, found.Widening));
    }

    [Fact]
    public void Of_AMemberWithoutAChoice_IsAsTheMaxStatisticHasIt()
    {
        FamilyMember[] plain = [.. Enumerable.Range(0, 3).Select(member => new FamilyMember { Block = $"b{member / 2}", Differences = [.. Names.Select((_, group) => Math.Sin(group + (7 * member)) + 0.3)], Groups = Names })];
        var drawn = new CrossFittedFamily([.. plain.Select(CrossFittedMember.Of)], seed: 1).Together([0, 1, 2]);
        Assert.All(MaxStatistic.Test(plain, seed: 1).Zip(drawn), pair => Assert.Equal(pair.First.P, pair.Second, 0.02));
    }

    [Theory]
    [InlineData(0.025, 1, 0.025)]
    [InlineData(0.025, 2, 0.1635)]
    [InlineData(0.7, 2, 0.7)]
    [InlineData(0, 2, 0)]
    public void Widened_OneSided_IsThatOfASmallerDistance(double p, double widening, double expected) => Assert.Equal(expected, CrossFittedEffect.Widened(p, widening), 1e-4);

    private static CrossFittedMember Member(int[] folds, double[][] values) =>
        new() { Block = "x", Part = new CrossFittedPart(new CrossFit(Names, [.. Names.Select((_, group) => folds[group % folds.Length])], values), values) };
}
