using CsCheck;
using Sweep.Models.Identification;
using Xunit;

namespace Sweep.Models.Tests.Identification;

public sealed class ChannelMomentsTests
{
    private const int Width = 3;

    /// <summary>Texts of 1 to 9 positions, with an offset that would drown sums of raw powers.</summary>
    private static readonly Gen<float[][]> Texts =
        from offset in Gen.Float[-100, 100]
        from texts in Gen.Int[1, 9].SelectMany(positions => Gen.Float[-3, 3].Array[positions * Width]).Array[1, 8]
        select texts.Select(text => text.Select(value => value + offset).ToArray()).ToArray();

    [Fact]
    public void Moments_OfAnyTexts_AreThoseOfTwoPassesOverAllValues() => Texts.Sample(
        texts =>
        {
            var moments = Read(texts);

            for (var channel = 0; channel < Width; channel++)
            {
                var values = texts.SelectMany(text => Channel(text, channel)).ToArray();
                var mean = values.Average();
                var second = values.Average(value => Math.Pow(value - mean, 2));
                var fourth = values.Average(value => Math.Pow(value - mean, 4));
                var textMeans = texts.Select(text => Channel(text, channel).Average()).ToArray();
                Close(textMeans.Average(), moments.Means[channel]);
                Close(textMeans.Average(value => Math.Pow(value - textMeans.Average(), 2)), moments.VarianceOverTexts[channel]);
                Close(second, moments.VarianceOverPositions[channel]);
                Close(values.Average(Math.Abs), moments.MeanAbsolute[channel]);
                if (second > 1e-6)
                    Close(fourth / (second * second), moments.Kurtosis[channel]!.Value);
            }
        },
        iter: 200);

    [Fact]
    public void Merge_OfHalves_IsAllTexts() => Texts.Sample(
        texts =>
        {
            var whole = Read(texts);
            var merged = Read([.. texts.Where((_, index) => index % 2 == 0)]);
            merged.Merge(Read([.. texts.Where((_, index) => index % 2 == 1)]));

            Assert.Equal((whole.Positions, whole.Texts), (merged.Positions, merged.Texts));
            for (var channel = 0; channel < Width; channel++)
            {
                Close(whole.VarianceOverTexts[channel], merged.VarianceOverTexts[channel]);
                Close(whole.VarianceOverPositions[channel], merged.VarianceOverPositions[channel]);
                if (whole.VarianceOverPositions[channel] > 1e-6)
                    Close(whole.Kurtosis[channel]!.Value, merged.Kurtosis[channel]!.Value);
            }
        },
        iter: 200);

    [Fact]
    public void Kurtosis_OfAChannelThatNeverChanges_IsUnknown()
    {
        var moments = new ChannelMoments(2);
        moments.AddText([5, 1, 5, 2]);

        Assert.Equal([null, 1], moments.Kurtosis);
    }

    [Fact]
    public void AddText_WithPartOfAPosition_IsRefused() => Assert.Throws<ArgumentException>(() => new ChannelMoments(2).AddText([1, 2, 3]));

    private static ChannelMoments Read(float[][] texts)
    {
        var moments = new ChannelMoments(Width);
        foreach (var text in texts)
            moments.AddText(text);
        return moments;
    }

    private static IEnumerable<double> Channel(float[] text, int channel) => text.Where((_, index) => index % Width == channel).Select(value => (double)value);

    private static void Close(double expected, double actual) => Assert.InRange(Math.Abs(actual - expected), 0, 1e-8 * Math.Max(1, Math.Abs(expected)));
}
