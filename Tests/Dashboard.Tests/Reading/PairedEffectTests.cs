using Sweep.Dashboard.Reading;
using Xunit;

namespace Sweep.Dashboard.Tests.Reading;

public sealed class PairedEffectTests
{
    [Fact]
    public void Of_NoItem_IsNothing() => Assert.Null(PairedEffect.Of(Array.Empty<double>()));

    [Fact]
    public void Of_VerdictsThatDoNotChange_HaveAnIntervalAllTheSame()
    {
        var effect = PairedEffect.Of(new double[12])!;

        // Agresti and Min: half a pair either way, so 1.96 · √1 / 14.
        Assert.Equal(0, effect.Mean);
        Assert.Equal(0.139997, effect.High!.Value, 6);
        Assert.Equal(-0.139997, effect.Low!.Value, 6);
    }

    [Fact]
    public void Of_Verdicts_MeanIsOfTheItemsThemselves()
    {
        var effect = PairedEffect.Of([1, 1, 1, -1, 0, 0, 0, 0])!;

        Assert.Equal((0.25, 8), (effect.Mean, effect.N));
        Assert.InRange(effect.Mean, effect.Low!.Value, effect.High!.Value);
    }

    [Fact]
    public void Of_Nats_IsTheNormalIntervalOfTheMean()
    {
        // Mean 0.2, standard deviation 0.1, four items: 1.96 · 0.1 / 2.
        double[] differences = [0.1, 0.3, 0.2 - Math.Sqrt(0.005), 0.2 + Math.Sqrt(0.005)];

        var effect = PairedEffect.Of(differences)!;

        Assert.Equal(0.2, effect.Mean, 9);
        Assert.Equal(0.2 + (1.959964 * 0.1 / 2), effect.High!.Value, 6);
    }

    [Fact]
    public void Of_OneItemOrNoSpread_HasNoInterval()
    {
        Assert.Null(PairedEffect.Of([0.3])!.Low);
        Assert.Null(PairedEffect.Of([0.3, 0.3])!.High);
    }

    [Fact]
    public void Of_Weights_CountMore()
    {
        var effect = PairedEffect.Of([(0.5, 3.0), (0.1, 1.0)])!;

        Assert.Equal(0.4, effect.Mean, 9);
    }
}
