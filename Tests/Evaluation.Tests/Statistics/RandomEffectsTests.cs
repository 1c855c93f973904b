using CsCheck;
using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class RandomEffectsTests
{
    /// <summary>BCG vaccine against tuberculosis, log risk ratios of 13 trials and their variances (Colditz et al. 1994, as in metafor's dat.bcg).</summary>
    private static readonly double[] Bcg =
    [
        -0.8893113339202054, -1.5853886572014306, -1.3480731482996933, -1.4415511900213054, -0.2175473222112956, -0.7861155858188640, -1.6208982235983918,
        0.0119523335238405, -0.4694176487381494, -1.3713448034727844, -0.3393588283383906, 0.4459134005713787, -0.0173139482168798,
    ];

    private static readonly double[] BcgVariances =
    [
        0.32558476500396133, 0.19458112139814385, 0.41536796536796539, 0.02001003190224757, 0.05121017216963086, 0.00690561845590876, 0.22301724757231517,
        0.00396157929781773, 0.05643421046324897, 0.07302479361302891, 0.01241221397155972, 0.53250584520015276, 0.07140465968398629,
    ];

    private static readonly double[] Alike = [0.1, 0.12, 0.09, 0.11, 0.13, 0.1];
    private static readonly double[] AlikeVariances = [0.01, 0.02, 0.015, 0.01, 0.03, 0.02];

    /// <summary>metafor 3.8-1 on R 4.2.2: rma(yi, vi, method = "PM", test = "knha") (References/references.R).</summary>
    [Fact]
    public void Of_BcgTrials_IsThatOfMetafor()
    {
        var effects = RandomEffects.Of(Bcg, BcgVariances)!;
        Assert.Equal(-0.714968153493444, effects.Mean, 1e-9);
        Assert.Equal(0.180892191537624, effects.StandardError, 1e-9);
        Assert.Equal(-1.10909838120224, effects.Low, 1e-8);
        Assert.Equal(-0.320837925784648, effects.High, 1e-8);
        Assert.Equal(0.318068452205024, effects.TauSquared, 1e-8);
        Assert.Equal(0.00191927183127800, effects.P, 1e-9);
        Assert.Equal(152.233008082373, effects.Q, 1e-9);
        Assert.InRange(effects.HeterogeneityP, 0, 1e-12);
    }

    /// <summary>The same with test = "knha": a quarter of the width that variances alone would give.</summary>
    [Fact]
    public void Of_AlikeEffectsAsTheyAre_IsThatOfMetafor() =>
        Check(RandomEffects.Of(Alike, AlikeVariances, neverNarrower: false)!, 0.00515051238012082, 0.0925935197647748, 0.119073146901892, 5.05226128836468e-06);

    /// <summary>The same with test = "adhoc".</summary>
    [Fact]
    public void Of_AlikeEffects_IsNeverNarrower() =>
        Check(RandomEffects.Of(Alike, AlikeVariances)!, 0.05, -0.0226957584484824, 0.2343624251151491, 0.0878760264014653);

    [Fact]
    public void Of_EqualEffects_HasWidth()
    {
        var effects = RandomEffects.Of([0.2, 0.2, 0.2], [0.01, 0.01, 0.01])!;
        Assert.Equal(0.2, effects.Mean, 1e-15);
        Assert.Equal(0.1 / Math.Sqrt(3), effects.StandardError, 1e-15);
        Assert.Equal(0, RandomEffects.Of([0.2, 0.2, 0.2], [0.01, 0.01, 0.01], neverNarrower: false)!.StandardError, 1e-15);
        Assert.Equal(1, RandomEffects.Of([0, 0, 0], [0.01, 0.01, 0.01], neverNarrower: false)!.P);
    }

    [Fact]
    public void Of_OneEffect_SaysNothingOfOthers()
    {
        var effects = RandomEffects.Of([0.2], [0.01])!;
        Assert.Equal(0.2, effects.Mean, 1e-15);
        Assert.Equal((double.NegativeInfinity, double.PositiveInfinity), (effects.Low, effects.High));
        Assert.Equal((1, 1), (effects.P, effects.HeterogeneityP));
    }

    [Fact]
    public void Of_NoEffect_IsNull() => Assert.Null(RandomEffects.Of([], []));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Of_NoVariance_IsRefused(double variance) => Assert.Throws<ArgumentOutOfRangeException>(() => RandomEffects.Of([0.1, 0.2], [1, variance]));

    [Fact]
    public void Of_ShiftAndScale_GoThrough() =>
        Gen.Select(Gen.Double[-1, 1].Array[2, 8], Gen.Double[0.01, 1].Array[8], Gen.Double[-5, 5]).Sample((effects, variances, shift) =>
        {
            var one = RandomEffects.Of(effects, variances[..effects.Length])!;
            var other = RandomEffects.Of([.. effects.Select(effect => (2 * effect) + shift)], [.. variances[..effects.Length].Select(variance => 4 * variance)])!;
            return Math.Abs((2 * one.Mean) + shift - other.Mean) < 1e-6 && Math.Abs((2 * one.StandardError) - other.StandardError) < 1e-6
                && Math.Abs((4 * one.TauSquared) - other.TauSquared) < 1e-6 && one.Low < one.Mean && one.Mean < one.High;
        });

    /// <summary>2,000 sets of 6 benchmarks with τ = 0.1 and standard errors of 0.03 to 0.08: the mean is held by 95 % of the intervals, but for four standard errors.</summary>
    [Fact]
    public void Of_Coverage_IsTheConfidence()
    {
        var random = new Random(29);
        double[] errors = [0.03, 0.04, 0.05, 0.06, 0.07, 0.08];
        var held = 0;
        for (var sample = 0; sample < 2000; sample++)
        {
            var (between, within) = (Pairs.Normal(random, 6), Pairs.Normal(random, 6));
            var effects = RandomEffects.Of([.. Enumerable.Range(0, 6).Select(i => 0.3 + (0.1 * between[i]) + (errors[i] * within[i]))], [.. errors.Select(error => error * error)])!;
            held += effects.Low <= 0.3 && 0.3 <= effects.High ? 1 : 0;
        }

        Assert.InRange(held, 1900 - 39, 1900 + 39);
    }

    private static void Check(RandomEffects effects, double error, double low, double high, double p)
    {
        Assert.Equal(0.105833333333333, effects.Mean, 1e-14);
        Assert.Equal(error, effects.StandardError, 1e-14);
        Assert.Equal(low, effects.Low, 1e-11);
        Assert.Equal(high, effects.High, 1e-11);
        Assert.Equal(p, effects.P, 1e-11);
        Assert.Equal(0, effects.TauSquared);
        Assert.Equal(0.0530555555555556, effects.Q, 1e-14);
        Assert.Equal(0.999966158179521, effects.HeterogeneityP, 1e-12);
    }
}
