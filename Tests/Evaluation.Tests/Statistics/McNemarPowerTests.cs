using CsCheck;
using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class McNemarPowerTests
{
    /// <summary>The planning table of method.md 6.4; at 5 % / 42 the formula gives one more than that table in each row, which rounded the critical value.</summary>
    [Theory]
    [InlineData(0.05, 0.15, 0.05, 469)]
    [InlineData(0.05, 0.25, 0.05, 783)]
    [InlineData(0.10, 0.25, 0.05, 194)]
    [InlineData(0.02, 0.10, 0.05, 1960)]
    [InlineData(0.05, 0.15, 0.05 / 42, 997)]
    [InlineData(0.05, 0.25, 0.05 / 42, 1664)]
    [InlineData(0.10, 0.25, 0.05 / 42, 414)]
    [InlineData(0.02, 0.10, 0.05 / 42, 4164)]
    public void AsymptoticPairs_PlanningTable_IsMet(double effect, double discordance, double level, int expected) =>
        Assert.Equal(expected, McNemarPower.AsymptoticPairs(effect, discordance, level: level));

    /// <summary>SciPy 1.10.1 (References/power.py): at these n the power of the exact test is first above 80 %; the first three are the design's.</summary>
    [Theory]
    [InlineData(0.05, 0.15, 498, 0.7999420865253465, 0.8007674517228719)]
    [InlineData(0.05, 0.25, 817, 0.7998212848068507, 0.8003174141579895)]
    [InlineData(0.10, 0.25, 207, 0.7996864620656873, 0.8017655629398635)]
    [InlineData(0.02, 0.10, 2043, 0.7999629282050963, 0.800161765318608)]
    public void ExactPairs_PlanningTable_IsThatOfSciPy(double effect, double discordance, int pairs, double powerBefore, double power)
    {
        Assert.Equal(pairs, McNemarPower.ExactPairs(effect, discordance));
        Assert.Equal(powerBefore, McNemarPower.Exact(pairs - 1, effect, discordance), 1e-11);
        Assert.Equal(power, McNemarPower.Exact(pairs, effect, discordance), 1e-11);
    }

    /// <summary>SciPy 1.10.1, every split asked for its p-value.</summary>
    [Theory]
    [InlineData(30, 0.2, 0.3, 0.4031761072431752)]
    [InlineData(100, 0.1, 0.2, 0.5444454279352314)]
    [InlineData(12, 0.25, 0.25, 0.054402232170105)]
    public void Exact_SmallSamples_AreThoseOfSciPy(int pairs, double effect, double discordance, double expected) =>
        Assert.Equal(expected, McNemarPower.Exact(pairs, effect, discordance), 1e-12);

    /// <summary>SciPy 1.10.1, roots by brentq.</summary>
    [Theory]
    [InlineData(100, 0.25, 0.1442057021168353)]
    [InlineData(60, 0.25, 0.18266347189662463)]
    public void DetectableEffect_Discordance_IsThatOfSciPy(int pairs, double discordance, double expected) =>
        Assert.Equal(expected, McNemarPower.DetectableEffect(pairs, discordance)!.Value, 2e-7);

    [Theory]
    [InlineData(12, 0.5779388569522944)]
    [InlineData(100, 0.07791107495026828)]
    public void LeastDetectableEffect_AllOneWay_IsThatOfSciPy(int pairs, double expected) =>
        Assert.Equal(expected, McNemarPower.LeastDetectableEffect(pairs)!.Value, 2e-7);

    [Fact]
    public void DetectableEffect_TooFewPairs_IsNone()
    {
        // Twelve pairs of which a quarter is discordant: six discordant pairs are needed, three are expected.
        Assert.Null(McNemarPower.DetectableEffect(12, 0.25));
        Assert.Null(McNemarPower.DetectableEffect(0, 0.25));
        Assert.Null(McNemarPower.LeastDetectableEffect(5));
        Assert.Equal(1, McNemarPower.Exact(6, 1, 1));
        Assert.NotNull(McNemarPower.LeastDetectableEffect(6));
    }

    [Fact]
    public void DetectableEffect_AtTheExactNumber_IsTheEffect() =>
        Assert.InRange(McNemarPower.DetectableEffect(817, 0.25)!.Value, 0.0499, 0.05);

    /// <summary>The test that is counted is the one that is used: every outcome of n pairs, its multinomial probability and its McNemar p.</summary>
    [Fact]
    public void Exact_AnySmallDesign_IsTheSumOverOutcomes() =>
        Gen.Select(Gen.Int[1, 25], Gen.Double[0.05, 1], Gen.Double[0.05, 1]).Sample(
            (n, discordance, share) =>
            {
                var effect = share * discordance;
                double right = (discordance + effect) / 2, wrong = (discordance - effect) / 2, expected = 0;
                for (var better = 0; better <= n; better++)
                {
                    for (var worse = 0; better + worse <= n; worse++)
                    {
                        if (PairedTests.McNemar(worse, better) <= 0.05)
                            expected += Math.Exp(Ln(n) - Ln(better) - Ln(worse) - Ln(n - better - worse)) * Math.Pow(right, better) * Math.Pow(wrong, worse) * Math.Pow(Math.Max(0, 1 - discordance), n - better - worse);
                    }
                }

                return Math.Abs(McNemarPower.Exact(n, effect, discordance) - expected) < 1e-10;
            },
            iter: 50);

    [Theory]
    [InlineData(0, 0.2)]
    [InlineData(-0.1, 0.2)]
    [InlineData(0.3, 0.2)]
    [InlineData(0.3, 1.2)]
    [InlineData(double.NaN, 0.2)]
    public void Power_ImpossibleDesign_IsRefused(double effect, double discordance)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => McNemarPower.AsymptoticPairs(effect, discordance));
        Assert.Throws<ArgumentOutOfRangeException>(() => McNemarPower.ExactPairs(effect, discordance));
        Assert.Throws<ArgumentOutOfRangeException>(() => McNemarPower.Exact(10, effect, discordance));
    }

    [Theory]
    [InlineData(1, 0.05)]
    [InlineData(0, 0.05)]
    [InlineData(0.8, 0)]
    [InlineData(0.8, 1)]
    public void Power_ImpossibleDemand_IsRefused(double power, double level) => Assert.Throws<ArgumentOutOfRangeException>(() => McNemarPower.ExactPairs(0.1, 0.2, power, level));

    private static double Ln(int n) => MathNet.Numerics.SpecialFunctions.FactorialLn(n);
}
