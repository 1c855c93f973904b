using CsCheck;
using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class BcaBootstrapTests
{
    private static readonly double[] Sums = [1, 0, 2, -1, 3, 0, 0, 1, 2, 0, -1, 4];
    private static readonly double[] Weights = [2, 1, 3, 2, 4, 1, 1, 2, 3, 1, 2, 5];

    /// <summary>
    /// Exact, by convolution in fractions (References/bca.py): −1.6 to 36.3333, two steps of the lattice of means allowed. boot 1.3-28.1 on R 4.2.2 gives −1.8 to 36.2667 with
    /// 10⁶ draws: it does not count draws equal to the estimate, which the exact calculation puts at −1.7333 to 36.2667.
    /// </summary>
    [Fact]
    public void Interval_DarwinsMaize_IsTheExact()
    {
        var (low, high) = BcaBootstrap.Interval(Pairs.Darwin, Pairs.Alone(15), 1, draws: 1_000_000);
        Assert.Equal(-1.6, low, 0.134);
        Assert.Equal(36.3333, high, 0.134);
    }

    /// <summary>The same of a ratio of sums: 0.0526 to 0.625; R, without the equal ones, 0.0476 to 0.6190. Each difference is sum / weight.</summary>
    [Fact]
    public void Interval_Weights_IsTheExact()
    {
        var (low, high) = BcaBootstrap.Interval([.. Sums.Zip(Weights, (sum, weight) => sum / weight)], Pairs.Alone(12), 1, Weights, draws: 1_000_000);
        Assert.Equal(0.0526316, low, 0.002);
        Assert.Equal(0.625, high, 0.002);
    }

    [Fact]
    public void Interval_ItemsOfAGroup_AreDrawnTogether()
    {
        double[] values = [3, -1, 4, 1, -5, 9, 2, 6, -5, 3];
        var ofGroups = BcaBootstrap.Interval(values, Pairs.Alone(10), 2);
        var ofItems = BcaBootstrap.Interval([.. values.SelectMany(value => Enumerable.Repeat(value, 7))], [.. Pairs.Alone(10).SelectMany(group => Enumerable.Repeat(group, 7))], 2);
        Assert.Equal(ofGroups.Low, ofItems.Low, 1e-12);
        Assert.Equal(ofGroups.High, ofItems.High, 1e-12);
    }

    [Fact]
    public void Interval_OtherOrderOfItems_IsTheSame() =>
        Gen.Select(Gen.Double[-1, 1].Array[1, 60], Gen.Int).Sample((differences, seed) =>
        {
            string[] groups = [.. Enumerable.Range(0, differences.Length).Select(i => $"g{i % 23}")];
            var order = Enumerable.Range(0, differences.Length).ToArray();
            new Random(seed).Shuffle(order);
            return BcaBootstrap.Interval(differences, groups, 1, draws: 100) == BcaBootstrap.Interval([.. order.Select(i => differences[i])], [.. order.Select(i => groups[i])], 1, draws: 100);
        });

    [Fact]
    public void Interval_ShiftAndScale_GoThrough()
    {
        var (low, high) = BcaBootstrap.Interval(Pairs.Darwin, Pairs.Alone(15), 4);
        var (movedLow, movedHigh) = BcaBootstrap.Interval([.. Pairs.Darwin.Select(value => (2 * value) + 100)], Pairs.Alone(15), 4);
        Assert.Equal((2 * low) + 100, movedLow, 1e-9);
        Assert.Equal((2 * high) + 100, movedHigh, 1e-9);
    }

    [Fact]
    public void Interval_FewerThanTwoGroups_IsEverything()
    {
        Assert.Equal((double.NegativeInfinity, double.PositiveInfinity), BcaBootstrap.Interval([], [], 1));
        Assert.Equal((double.NegativeInfinity, double.PositiveInfinity), BcaBootstrap.Interval([1, 0], ["g", "g"], 1));
    }

    [Fact]
    public void Interval_AllEqual_IsThePoint() => Assert.Equal((0.5, 0.5), BcaBootstrap.Interval([0.5, 0.5, 0.5], Pairs.Alone(3), 1));

    /// <summary>1,000 samples of 40 skewed values (exponential, mean 1): the interval holds the mean in more than 90 % (the percentile interval is known to do worse).</summary>
    [Fact]
    public void Interval_SkewedValues_CoversTheMean()
    {
        var random = new Random(23);
        var (bca, percentile) = (0, 0);
        for (var sample = 0; sample < 1000; sample++)
        {
            double[] values = [.. Enumerable.Range(0, 40).Select(_ => -Math.Log(1 - random.NextDouble()))];
            var (low, high) = BcaBootstrap.Interval(values, Pairs.Alone(40), sample, draws: 999);
            var (otherLow, otherHigh) = PairedBootstrap.Interval(values, Pairs.Alone(40), sample);
            bca += low <= 1 && 1 <= high ? 1 : 0;
            percentile += otherLow <= 1 && 1 <= otherHigh ? 1 : 0;
        }

        Assert.InRange(bca, 905, 975);
        Assert.True(bca >= percentile, $"BCa covers {bca}, percentile {percentile} of 1000");
    }
}
