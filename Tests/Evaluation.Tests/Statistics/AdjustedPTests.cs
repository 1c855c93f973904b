using CsCheck;
using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class AdjustedPTests
{
    /// <summary>Benjamini and Hochberg (1995), section 3.2: fifteen p-values, of which at 5 % Holm's procedure keeps three and theirs four.</summary>
    private static readonly double[] Published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1];

    /// <summary>R 4.2.2, p.adjust(p, "holm") (References/references.R).</summary>
    [Fact]
    public void Holm_PublishedValues_AreThoseOfR()
    {
        Close([0.0015, 0.0056, 0.0247, 0.1140, 0.2211, 0.2780, 0.2780, 0.2780, 0.3213, 1, 1, 1, 1, 1, 1], AdjustedP.Holm(Published));
        Assert.Equal(3, AdjustedP.Holm(Published).Count(p => p <= 0.05));
    }

    /// <summary>R 4.2.2, p.adjust(p, "BH").</summary>
    [Fact]
    public void BenjaminiHochberg_PublishedValues_AreThoseOfR()
    {
        Close(
            [0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.0638571428571429, 0.0638571428571429, 0.0645, 0.0765, 0.486, 0.5811818181818181, 0.714875, 0.7532307692307693, 0.8132142857142857, 1],
            AdjustedP.BenjaminiHochberg(Published));
        Assert.Equal(4, AdjustedP.BenjaminiHochberg(Published).Count(p => p <= 0.05));
    }

    [Fact]
    public void Adjusted_AnyValues_AreOrderedAsTheRawAndNoSmaller() =>
        Gen.Double[0, 1].Array[0, 40].Sample(p =>
        {
            var (holm, benjaminiHochberg) = (AdjustedP.Holm(p), AdjustedP.BenjaminiHochberg(p));
            return Enumerable.Range(0, p.Length).All(i =>
                p[i] <= benjaminiHochberg[i] && benjaminiHochberg[i] <= holm[i] + 1e-15 && holm[i] <= Math.Min(1, p[i] * p.Length) + 1e-15
                && Enumerable.Range(0, p.Length).All(j => p[i] > p[j] || (holm[i] <= holm[j] && benjaminiHochberg[i] <= benjaminiHochberg[j])));
        });

    [Fact]
    public void Adjusted_NoneOrOne_IsUnchanged()
    {
        Assert.Empty(AdjustedP.Holm([]));
        Assert.Empty(AdjustedP.BenjaminiHochberg([]));
        Assert.Equal([0.03], AdjustedP.Holm([0.03]));
        Assert.Equal([0.03], AdjustedP.BenjaminiHochberg([0.03]));
    }

    [Fact]
    public void Adjusted_AllEqual_AreTimesTheirNumberOrUnchanged()
    {
        Close([0.08, 0.08, 0.08, 0.08], AdjustedP.Holm([0.02, 0.02, 0.02, 0.02]));
        Close([0.02, 0.02, 0.02, 0.02], AdjustedP.BenjaminiHochberg([0.02, 0.02, 0.02, 0.02]));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Adjusted_NoProbability_IsRefused(double p)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => AdjustedP.Holm([0.5, p]));
        Assert.Throws<ArgumentOutOfRangeException>(() => AdjustedP.BenjaminiHochberg([0.5, p]));
    }

    private static void Close(double[] expected, IReadOnlyList<double> found) => Assert.Equal(expected, found, (one, other) => Math.Abs(one - other) < 1e-14);
}
