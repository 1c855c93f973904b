using CsCheck;
using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class SignFlipTestTests
{
    private static readonly double[] Real = [0.31, -0.12, 0.77, 0.05, -0.4, 1.1, 0.23, 0.6, -0.09, 0.45];

    /// <summary>1,726 of 32,768 (Fisher 1935, section 21).</summary>
    [Fact]
    public void P_DarwinsMaize_IsFishers() => Assert.Equal(1726.0 / 32768, SignFlipTest.P(Pairs.Darwin, Pairs.Alone(15), 1), 1e-15);

    /// <summary>The same in other units, whose sums are no whole numbers: all 2¹⁴ flips up to the sign of the whole are gone through.</summary>
    [Fact]
    public void P_DarwinsMaizeInInches_IsTheSame() =>
        Assert.Equal(1726.0 / 32768, SignFlipTest.P([.. Pairs.Darwin.Select(difference => difference / 10)], Pairs.Alone(15), 1, draws: 1 << 14), 1e-15);

    /// <summary>R 4.2.2, all 2¹⁰ flips (References/references.R).</summary>
    [Fact]
    public void P_RealNumbers_IsThatOfAllFlips() => Assert.Equal(0.076171875, SignFlipTest.P(Real, Pairs.Alone(10), 1), 1e-15);

    [Fact]
    public void P_OneBinaryItemAGroup_IsExactMcNemar() =>
        Gen.Select(Gen.Int[0, 60], Gen.Int[0, 60], Gen.Int[0, 20]).Sample((better, worse, same) =>
        {
            var expected = PairedTests.McNemar(worse, better);
            var n = better + worse + same;
            return Math.Abs(SignFlipTest.P(Pairs.Of(better, worse, n), Pairs.Alone(n), 1) - expected) <= 1e-12 * expected;
        });

    [Fact]
    public void P_DrawnFlips_AreNearTheExact()
    {
        var drawn = SignFlipTest.P([.. Pairs.Darwin.Select(difference => difference / 10)], Pairs.Alone(15), seed: 5, draws: 9_999);
        Assert.Equal(drawn, SignFlipTest.P([.. Pairs.Darwin.Select(difference => difference / 10)], Pairs.Alone(15), seed: 5, draws: 9_999));
        Assert.NotEqual(1726.0 / 32768, drawn);
        // Four standard errors of 9,999 draws.
        Assert.Equal(1726.0 / 32768, drawn, 4 * Math.Sqrt(0.0527 * 0.9473 / 9_999));
    }

    /// <summary>Forty groups that all rise: no drawn flip gets near, and the observed pattern is counted as one of the hundred.</summary>
    [Fact]
    public void P_DrawnFlipsThatReachNothing_IsNotNothing() =>
        Assert.Equal(0.01, SignFlipTest.P([.. Enumerable.Range(0, 40).Select(i => 1 + (i / 100.0))], Pairs.Alone(40), 1, draws: 99), 1e-15);

    [Fact]
    public void P_OtherOrderOfItems_IsTheSame() =>
        Gen.Select(Gen.Double[-1, 1].Array[1, 60], Gen.Int).Sample((differences, seed) =>
        {
            string[] groups = [.. Enumerable.Range(0, differences.Length).Select(i => $"g{i % 23}")];
            var order = Enumerable.Range(0, differences.Length).ToArray();
            new Random(seed).Shuffle(order);
            return SignFlipTest.P(differences, groups, 1, draws: 200) == SignFlipTest.P([.. order.Select(i => differences[i])], [.. order.Select(i => groups[i])], 1, draws: 200);
        });

    [Fact]
    public void P_ItemsOfAGroup_FlipTogether()
    {
        // Ten groups of ten that all rise: two of 2¹⁰ flips are as large; as items they would be two of 2¹⁰⁰.
        var p = SignFlipTest.P([.. Enumerable.Repeat(1.0, 100)], [.. Enumerable.Range(0, 100).Select(i => $"g{i / 10}")], 1);
        Assert.Equal(2.0 / 1024, p, 1e-15);
    }

    [Fact]
    public void P_Weights_ScaleTheTerms() =>
        Assert.Equal(
            SignFlipTest.P([3, -1, 2], Pairs.Alone(3), 1),
            SignFlipTest.P([1, -1, 0.5], Pairs.Alone(3), 1, [3, 1, 4]));

    [Fact]
    public void P_NothingMoved_IsOne()
    {
        Assert.Equal(1, SignFlipTest.P([], [], 1));
        Assert.Equal(1, SignFlipTest.P([0.5], ["g"], 1));
        Assert.Equal(1, SignFlipTest.P([0, 0, 0], Pairs.Alone(3), 1));
        Assert.Equal(1, SignFlipTest.P([0.5, -0.5], ["g", "g"], 1));
    }

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(double.PositiveInfinity, 1)]
    [InlineData(0.5, 0)]
    [InlineData(0.5, double.NaN)]
    public void P_NotFinite_IsRefused(double difference, double weight) =>
        Assert.Throws<ArgumentException>(() => SignFlipTest.P([difference, 0.25], Pairs.Alone(2), 1, [weight, 1]));

    /// <summary>Of 2,000 samples without an effect no more than the level is below it, but for four standard errors.</summary>
    [Fact]
    public void P_NoEffect_IsBelowTheLevelNoMoreOftenThanThat()
    {
        var random = new Random(11);
        var below = Enumerable.Range(0, 2000).Count(sample => SignFlipTest.P(Pairs.Normal(random, 12), Pairs.Alone(12), sample, draws: 199) <= 0.05);
        Assert.InRange(below, 100 - 40, 100 + 40);
    }
}
