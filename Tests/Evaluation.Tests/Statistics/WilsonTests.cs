using CsCheck;
using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class WilsonTests
{
    private const double Rounding = 1e-15;

    /// <summary>R 4.2.2, prop.test(x, n, correct = FALSE) (References/references.R); the first four are method 3 of table I in Newcombe 1998 (Statistics in Medicine 17, 857-872).</summary>
    [Theory]
    [InlineData(81, 263, 0.95, 0.255288519878274, 0.366209576982800)]
    [InlineData(15, 148, 0.95, 0.0623863995307363, 0.1604872417233080)]
    [InlineData(0, 20, 0.95, 0, 0.161125158052819)]
    [InlineData(1, 29, 0.95, 0.00611321429276266, 0.17175521879320282)]
    [InlineData(8, 20, 0.95, 0.218806532372817, 0.613418499237747)]
    [InlineData(8, 20, 0.9, 0.242387417765452, 0.581444149706741)]
    public void Wilson_Counts_AreThoseOfR(int successes, int n, double confidence, double low, double high)
    {
        var interval = PairedTests.Wilson(successes, n, confidence);
        Assert.Equal(low, interval.Low, 1e-13);
        Assert.Equal(high, interval.High, 1e-13);
    }

    [Fact]
    public void Wilson_NoTrial_IsEverything() => Assert.Equal((0, 1), PairedTests.Wilson(0, 0));

    [Fact]
    public void Wilson_AnyCount_HoldsTheShareAndHasWidth() =>
        Gen.Select(Gen.Int[1, 5000], Gen.Double[0, 1]).Sample((n, share) =>
        {
            var successes = (int)Math.Round(share * n);
            var (low, high) = PairedTests.Wilson(successes, n);
            var (narrowLow, narrowHigh) = PairedTests.Wilson(successes, n, 0.8);
            return low < high && low <= narrowLow + Rounding && narrowHigh <= high + Rounding && low <= ((double)successes / n) + Rounding && (double)successes / n <= high + Rounding;
        });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Wilson_NoConfidence_IsRefused(double confidence) => Assert.Throws<ArgumentOutOfRangeException>(() => PairedTests.Wilson(1, 2, confidence));

    /// <summary>The constants that stored outputs were computed with are the library's quantiles.</summary>
    [Fact]
    public void Quantiles_Constants_AreTheLibrarys()
    {
        Assert.Equal(StandardNormal.TwoSided95, StandardNormal.Quantile(0.975), 1e-14);
        Assert.Equal(StandardNormal.Power80, StandardNormal.Quantile(0.8), 1e-14);
    }
}
