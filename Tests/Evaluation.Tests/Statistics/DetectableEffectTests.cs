using CsCheck;
using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class DetectableEffectTests
{
    private const double Errors = 1.959963984540054 + 0.8416212335729143;

    /// <summary>62 of 88 wrong answers become right: spread by ψ − Δ² = 0.705 − 0.496, of which 2.8 standard errors are 13.7 points; by ψ alone they would be 25.</summary>
    [Fact]
    public void Minimum_LargeEffect_IsThatOfThePairedDifference()
    {
        var share = 62.0 / 88;
        var expected = Errors * Math.Sqrt(share * (1 - share) / 87);
        Assert.Equal(expected, Minimum(62, 0, 88), 1e-12);
        Assert.InRange(expected, 0.136, 0.138);
    }

    [Fact]
    public void Minimum_BothWays_HasTheDiscordanceOfBoth()
    {
        // Ten and ten of a hundred: Δ = 0, ψ = 0.2.
        Assert.Equal(Errors * Math.Sqrt(0.2 / 99), Minimum(10, 10, 100), 1e-12);
    }

    /// <summary>Nothing moved: the discordance may still be z²/(n + z²), 24 percent of twelve pairs and 3.7 percent of a hundred.</summary>
    [Theory]
    [InlineData(12, 0.398)]
    [InlineData(24, 0.212)]
    [InlineData(100, 0.054)]
    public void Minimum_NothingMoved_IsNotNothing(int n, double expected) => Assert.Equal(expected, Minimum(0, 0, n), 1e-3);

    [Fact]
    public void Minimum_EverythingMoved_IsNotNothing() => Assert.Equal(Minimum(0, 0, 12), Minimum(12, 0, 12), 1e-12);

    [Fact]
    public void Minimum_ItemsOfAGroupThatMoveTogether_CountAsOne()
    {
        // Ten groups of ten, of which three move as a whole: what counts is 3 of 10, not 30 of 100.
        double[] differences = [.. Enumerable.Range(0, 100).Select(i => i < 30 ? 1.0 : 0)];
        var together = DetectableEffect.Minimum(differences, [.. Enumerable.Range(0, 100).Select(i => $"g{i / 10}")]);
        Assert.Equal(Minimum(3, 0, 10), together, 1e-12);
    }

    [Fact]
    public void Minimum_ItemsOfWeightTwo_AreTwoThatMoveTogether()
    {
        double[] differences = [.. Enumerable.Range(0, 40).Select(i => i % 3 == 0 ? 0.5 : 0)];
        string[] groups = [.. Enumerable.Range(0, 40).Select(i => $"g{i}")];
        var weighted = DetectableEffect.Minimum(differences, groups, [.. Enumerable.Range(0, 40).Select(i => i < 20 ? 2.0 : 1)]);
        var repeated = DetectableEffect.Minimum(
            [.. differences.SelectMany((difference, i) => Enumerable.Repeat(difference, i < 20 ? 2 : 1))], [.. groups.SelectMany((group, i) => Enumerable.Repeat(group, i < 20 ? 2 : 1))]);
        Assert.Equal(repeated, weighted, 1e-12);
    }

    [Fact]
    public void Minimum_FewerThanTwoGroups_IsEverything()
    {
        Assert.Equal(1, DetectableEffect.Minimum([], []));
        Assert.Equal(1, DetectableEffect.Minimum([0, 0, 1], ["g", "g", "g"]));
        Assert.Equal(double.PositiveInfinity, PairedError.Of([0, 0, 1], ["g", "g", "g"]));
    }

    /// <summary>The textbook's standard error of a mean, of items or, where that is larger, of groups; there is no floor as there is for shares.</summary>
    [Fact]
    public void ErrorOfNumbers_IsThatOfTheirMean()
    {
        string[] own = ["a", "b", "c", "d"];
        Assert.Equal(Math.Sqrt(5 / 3.0 / 4), PairedError.OfNumbers([1, 2, 3, 4], own), 1e-12);
        Assert.Equal(Math.Sqrt(2.0 / 2), PairedError.OfNumbers([1, 1, 3, 3], ["a", "a", "b", "b"]), 1e-12);
        Assert.Equal(0, PairedError.OfNumbers([0.5, 0.5], ["a", "b"]));
        Assert.Equal(double.PositiveInfinity, PairedError.OfNumbers([1, 2], ["a", "a"]));
    }

    [Fact]
    public void Minimum_TheSameItemsTwice_IsSmaller() =>
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 30], Gen.Int[2, 60]).Where((better, worse, n) => better + worse <= n).Sample((better, worse, n) =>
        {
            var (once, twice) = (Minimum(better, worse, n), Minimum(2 * better, 2 * worse, 2 * n));
            return once is > 0 and <= 1 && (twice < once || once == 1);
        });

    private static double Minimum(int better, int worse, int n) => DetectableEffect.Minimum(
        [.. Enumerable.Range(0, n).Select(i => i < better ? 1.0 : i < better + worse ? -1 : 0)], [.. Enumerable.Range(0, n).Select(i => $"g{i}")]);
}
