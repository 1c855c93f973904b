using CsCheck;
using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class EquivalenceTestTests
{
    /// <summary>R 4.2.2: t.test(darwin, mu = −10, alternative = "greater") and t.test(darwin, mu = 10, alternative = "less"); the same of darwin − 20 at ±20 (References/references.R).</summary>
    [Theory]
    [InlineData(0, 10, 0.00337996719013679, 0.85960616691879632)]
    [InlineData(20, 20, 0.0248514720109005, 0.0353317115193654)]
    public void Means_DarwinsMaize_AreThoseOfR(double shift, double margin, double notWorse, double notBetter)
    {
        double[] differences = [.. Pairs.Darwin.Select(difference => difference - shift)];
        Assert.Equal(notWorse, EquivalenceTest.NotWorse(differences, Pairs.Alone(15), margin), 1e-12);
        Assert.Equal(Math.Max(notWorse, notBetter), EquivalenceTest.Equivalent(differences, Pairs.Alone(15), margin), 1e-12);
    }

    /// <summary>Φ(−Z) of the Z of R (TangoIntervalTests): 2 better and 5 worse of 100 at a margin of 5 points, Z = 0.7111 and 2.4994.</summary>
    [Fact]
    public void Proportions_Margin_IsTangosScore()
    {
        Assert.Equal(StandardNormal.Cumulative(-0.711076967449258), EquivalenceTest.NotWorse(2, 5, 100, 0.05), 1e-7);
        Assert.Equal(StandardNormal.Cumulative(-2.49942674859192), EquivalenceTest.NotWorse(5, 2, 100, 0.05), 1e-7);
        Assert.Equal(StandardNormal.Cumulative(-0.711076967449258), EquivalenceTest.Equivalent(2, 5, 100, 0.05), 1e-7);
    }

    /// <summary>"Equivalent at 5 %" and "the 90 % interval lies within the margin" are one statement.</summary>
    [Fact]
    public void Proportions_Equivalent_IsAnIntervalWithinTheMargin() =>
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 30], Gen.Int[1, 400]).Sample((better, worse, same) =>
        {
            var n = better + worse + same;
            var (low, high) = TangoInterval.Of(better, worse, n, 0.9);
            return EquivalenceTest.Equivalent(better, worse, n, 0.1) < 0.05 == (low > -0.1 && high < 0.1);
        });

    [Fact]
    public void Proportions_FewPairs_AreNeverEquivalent()
    {
        Assert.Equal(1, EquivalenceTest.NotWorse(0, 0, 0, 0.05));
        Assert.InRange(EquivalenceTest.Equivalent(0, 0, 12, 0.05), 0.2, 0.5);
        Assert.InRange(EquivalenceTest.Equivalent(0, 0, 1000, 0.05), 0, 1e-6);
    }

    [Fact]
    public void Means_ItemsOfAGroup_CountAsOne()
    {
        var alone = EquivalenceTest.NotWorse([1, -1, 2, 0], Pairs.Alone(4), 0.5);
        var repeated = EquivalenceTest.NotWorse([1, 1, -1, -1, 2, 2, 0, 0], ["a", "a", "b", "b", "c", "c", "d", "d"], 0.5);
        Assert.Equal(alone, repeated, 1e-14);
    }

    [Fact]
    public void Means_Degenerate_AreDefined()
    {
        Assert.Equal(1, EquivalenceTest.Equivalent([], [], 0.5));
        Assert.Equal(1, EquivalenceTest.Equivalent([0, 0], ["g", "g"], 0.5));
        Assert.Equal(0, EquivalenceTest.Equivalent([0, 0], Pairs.Alone(2), 0.5));
        Assert.Equal(1, EquivalenceTest.NotWorse([-0.5, -0.5], Pairs.Alone(2), 0.5));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void Margin_NotAboveZero_IsRefused(double margin)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => EquivalenceTest.NotWorse(1, 1, 10, margin));
        Assert.Throws<ArgumentOutOfRangeException>(() => EquivalenceTest.NotWorse([1, 2], Pairs.Alone(2), margin));
    }

    [Fact]
    public void Margin_OfAllProportions_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => EquivalenceTest.NotWorse(1, 1, 10, 1));
}
