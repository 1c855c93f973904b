using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class StatisticsTests
{
    /// <summary>
    /// Binomial tails at ½: 2·P(X ≤ 1 of 9) = 20/512; 2·P(X ≤ 5 of 20) from R's binom.test(5, 20); 2·½⁶⁰; 2·P(X ≤ 450 of 1000) and 2·P(X ≤ 9800 of 20000) from
    /// exact rational arithmetic.
    /// </summary>
    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 1, 1)]
    [InlineData(1, 8, 0.0390625)]
    [InlineData(5, 15, 0.04138946533203125)]
    [InlineData(4, 4, 1)]
    [InlineData(60, 0, 1.734723475976807e-18)]
    [InlineData(450, 550, 0.0017305360849763176)]
    [InlineData(10200, 9800, 0.004780889455902644)]
    [InlineData(0, 3000, 0)]
    public void McNemar_DiscordantPairs_IsTheExactBinomial(int wrong, int right, double expected) =>
        Assert.InRange(PairedTests.McNemar(wrong, right), expected * (1 - 1e-14), expected * (1 + 1e-14));

    [Fact]
    public void AmongControls_Ties_CountAgainstTheSet()
    {
        Assert.Equal((1, 0.2), PairedTests.AmongControls(2, [1, 0, -1, 0]));
        Assert.Equal((3, 0.6), PairedTests.AmongControls(1, [1, 0, -1, 5]));
    }

    [Fact]
    public void Bootstrap_SameSeed_IsTheSameAndCoversTheMean()
    {
        double[] differences = [.. Enumerable.Range(0, 100).Select(i => i % 4 == 0 ? 1.0 : 0)];
        string[] groups = [.. Enumerable.Range(0, 100).Select(i => $"g{i}")];
        var interval = PairedBootstrap.Interval(differences, groups, 3);
        Assert.Equal(interval, PairedBootstrap.Interval(differences, groups, 3));
        Assert.InRange(interval.Low, 0.15, 0.19);
        Assert.InRange(interval.High, 0.31, 0.36);
    }

    [Fact]
    public void Bootstrap_Weights_AreThoseOfTheMean()
    {
        // Two groups: the mean of a draw is −1 (both times the first), 1 (both times the second) or the weighted mean of both.
        double[] differences = [-1, 1], weights = [1, 3];
        Assert.Equal((-1, 1), PairedBootstrap.Interval(differences, ["a", "b"], 1, weights));
        var (low, high) = PairedBootstrap.Interval([.. Enumerable.Repeat(differences, 400).SelectMany(pair => pair)], [.. Enumerable.Range(0, 800).Select(i => $"g{i}")], 1, [.. Enumerable.Repeat(weights, 400).SelectMany(pair => pair)]);
        Assert.InRange(low, 0.42, 0.48);
        Assert.InRange(high, 0.52, 0.58);
    }

    [Fact]
    public void Bootstrap_OneGroup_HasNoSpread()
    {
        var (low, high) = PairedBootstrap.Interval([1, 0, 0, 0], ["g", "g", "g", "g"], 1);
        Assert.Equal((0.25, 0.25), (low, high));
    }
}
