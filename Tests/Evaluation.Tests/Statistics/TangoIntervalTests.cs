using CsCheck;
using MathNet.Numerics.Distributions;
using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class TangoIntervalTests
{
    /// <summary>
    /// Published: 9 and 3 of 32, −0.027 to 0.390 (Tango 1998, section 6.2); 1 and 7 of 21, −0.517 to −0.026 (Fagerland, Lydersen and Laake 2014, Statistics in Medicine 33,
    /// 2850-2875). All to 10⁻⁸ by R 4.2.2 with the nuisance maximised numerically (References/references.R).
    /// </summary>
    [Theory]
    [InlineData(9, 3, 32, 0.95, -0.0270904644829372, 0.3896974868078728)]
    [InlineData(1, 7, 21, 0.95, -0.5172322772708795, -0.0260030300021042)]
    [InlineData(40, 20, 160, 0.95, 0.030864532960352, 0.218064244590380)]
    [InlineData(40, 20, 160, 0.9, 0.0462672441810442, 0.2030348025996339)]
    [InlineData(62, 0, 88, 0.95, 0.602288435833286, 0.789691400531074)]
    [InlineData(3, 0, 40, 0.95, -0.0191932207296927, 0.1986423352431054)]
    [InlineData(0, 0, 50, 0.95, -0.0713475991333606, 0.0713475991333606)]
    [InlineData(0, 12, 12, 0.95, -1, -0.515011986689517)]
    public void Of_Counts_AreThePublished(int better, int worse, int n, double confidence, double low, double high)
    {
        var interval = TangoInterval.Of(better, worse, n, confidence);
        Assert.Equal(low, interval.Low, 1e-8);
        Assert.Equal(high, interval.High, 1e-8);
    }

    /// <summary>R 4.2.2, the same maximisation.</summary>
    [Theory]
    [InlineData(40, 20, 160, -0.05, 3.5613301314099)]
    [InlineData(9, 3, 32, -0.1, 2.55145605974466)]
    [InlineData(2, 5, 100, -0.05, 0.711076967449258)]
    [InlineData(2, 5, 100, 0.05, -2.49942674859192)]
    public void Z_Difference_IsThatOfTheLikeliestNuisance(int better, int worse, int n, double difference, double expected) =>
        Assert.Equal(expected, TangoInterval.Z(better, worse, n, difference), 1e-7);

    /// <summary>At no difference the score statistic is McNemar's.</summary>
    [Fact]
    public void Z_NoDifference_IsMcNemars() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 40], Gen.Int[1, 40]).Where((better, worse, _) => better + worse > 0).Sample((better, worse, same) =>
            Math.Abs(TangoInterval.Z(better, worse, better + worse + same, 0) - ((better - worse) / Math.Sqrt(better + worse))) < 1e-12);

    [Fact]
    public void Of_NothingMoved_IsWilsonsUpperBound() =>
        Gen.Int[1, 2000].Sample(n =>
        {
            var (low, high) = TangoInterval.Of(0, 0, n);
            return Math.Abs(high - PairedTests.Wilson(0, n).High) < 1e-9 && Math.Abs(low + high) < 1e-9;
        });

    [Fact]
    public void Of_AnyCounts_HasWidthHoldsTheEffectAndMirrors() =>
        Gen.Select(Gen.Int[0, 300], Gen.Int[0, 300], Gen.Int[0, 3000]).Where((better, worse, same) => better + worse + same > 0).Sample((better, worse, same) =>
        {
            var n = better + worse + same;
            var effect = (double)(better - worse) / n;
            var (low, high) = TangoInterval.Of(better, worse, n);
            var (mirroredLow, mirroredHigh) = TangoInterval.Of(worse, better, n);
            return low < high && low >= -1 && high <= 1 && low <= effect && effect <= high && Math.Abs(low + mirroredHigh) < 1e-9 && Math.Abs(high + mirroredLow) < 1e-9;
        });

    /// <summary>The bounds are where the score test just rejects.</summary>
    [Fact]
    public void Of_Bounds_AreTheRootsOfTheScore() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 60], Gen.Int[1, 600]).Sample((better, worse, same) =>
        {
            var n = better + worse + same;
            var (low, high) = TangoInterval.Of(better, worse, n);
            return Math.Abs(TangoInterval.Z(better, worse, n, low) - 1.959963984540054) < 1e-6 && Math.Abs(TangoInterval.Z(better, worse, n, high) + 1.959963984540054) < 1e-6;
        });

    /// <summary>Summed over every outcome of 40 pairs, not simulated; the worst published coverages of Tango's interval are near 93 %.</summary>
    [Theory]
    [InlineData(0.1, 0.1)]
    [InlineData(0.2, 0.05)]
    [InlineData(0.3, 0.1)]
    [InlineData(0.05, 0.02)]
    public void Of_Coverage_IsNearTheConfidence(double right, double wrong)
    {
        const int N = 40;
        var outcomes = new Multinomial([right, wrong, 1 - right - wrong], N);
        var covered = 0.0;
        for (var better = 0; better <= N; better++)
        {
            for (var worse = 0; better + worse <= N; worse++)
            {
                var (low, high) = TangoInterval.Of(better, worse, N);
                if (low <= right - wrong && right - wrong <= high)
                    covered += outcomes.Probability([better, worse, N - better - worse]);
            }
        }

        Assert.InRange(covered, 0.93, 1);
    }

    [Fact]
    public void Of_NoPair_IsEverything() => Assert.Equal((-1, 1), TangoInterval.Of(0, 0, 0));

    [Fact]
    public void Of_OnePair_HasWidth()
    {
        var (low, high) = TangoInterval.Of(1, 0, 1);
        Assert.InRange(low, -0.7, -0.5);
        Assert.Equal(1, high);
    }

    [Theory]
    [InlineData(-1, 0, 3)]
    [InlineData(0, -1, 3)]
    [InlineData(2, 2, 3)]
    public void Of_NoCounts_AreRefused(int better, int worse, int n) => Assert.Throws<ArgumentException>(() => TangoInterval.Of(better, worse, n));
}
