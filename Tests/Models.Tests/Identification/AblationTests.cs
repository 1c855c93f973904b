using Sweep.Models.Identification;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Cuda;
using Sweep.Models.Tests.Mamba;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Identification;

/// <summary>KL of ablations, against a model in double that shares no code with the engine.</summary>
public sealed class AblationTests
{
    private static readonly MambaConfig Config = RandomMamba.Config();
    private static readonly int[] Tokens = [3, 1, 4, 1, 5, 9, 2];

    [Theory]
    [InlineData(AblationKind.Zero)]
    [InlineData(AblationKind.Mean)]
    public void Kl_OfAblations_IsThatOfTheChangedModel(AblationKind kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomMamba.Model(Config);
        var moments = Moments(20);
        Ablation At(int layer, Site site, params int[] channels) => new() { Layer = layer, Site = site, Kind = kind, Channels = channels, Moments = site == Site.MixerOutput ? moments : Moments(40) };
        Ablation[][] rows = [[At(2, Site.MixerOutput, 1, 5)], [], [At(0, Site.SsmOutput, 7)], [At(1, Site.MixerOutput, 0), At(2, Site.MixerOutput, 3)]];

        var sums = TokenKl.Sums(model, Tokens, rows, TestContext.Current.CancellationToken);

        Assert.Equal(0, sums[1]);
        for (var row = 0; row < rows.Length; row++)
            Close(Kl(rows[row], kind), sums[row]);
    }

    [Fact]
    public void Kl_OfNoise_IsTheSameForASeedAndAnotherForAnother()
    {
        using var model = RandomMamba.Model(Config);
        Ablation Noise(ulong seed) => new() { Layer = 1, Site = Site.MixerOutput, Kind = AblationKind.Noise, Channels = [2, 3], Moments = Moments(20), Seed = seed };

        var sums = TokenKl.Sums(model, Tokens, [[Noise(1)], [Noise(1)], [Noise(2)]], TestContext.Current.CancellationToken);

        TestDevice.AssertSame(sums[0], sums[1]);
        Assert.NotEqual(sums[0], sums[2]);
        Assert.All(sums, sum => Assert.InRange(sum, 1e-6, double.MaxValue));
    }

    [Fact]
    public unsafe void Noise_OfManyPositions_HasTheMeanAndVarianceOfTheChannel()
    {
        var ablation = new Ablation { Layer = 0, Site = Site.MixerOutput, Kind = AblationKind.Noise, Channels = [1], Moments = Moments(20), Seed = 9 };
        var (intervention, noise) = ablation.ToIntervention();
        var values = new float[20_000 * 2];
        fixed (float* first = values)
            new NoiseWriter([noise!]).Write(new CompiledIntervention(intervention), first, 2, 20_000);

        var written = values.Where((_, index) => index % 2 == 1).Select(value => (double)value).ToArray();
        var variance = ablation.Moments!.VarianceOverPositions[1];
        Assert.InRange(written.Average(), ablation.Moments.Means[1] - (4 * Math.Sqrt(variance / 20_000)), ablation.Moments.Means[1] + (4 * Math.Sqrt(variance / 20_000)));
        Assert.InRange(written.Average(value => Math.Pow(value - written.Average(), 2)) / variance, 0.95, 1.05);
        Assert.All(values.Where((_, index) => index % 2 == 0), value => Assert.Equal(0, value));
    }

    [Fact]
    public void DeltaBias_Scaled_IsTheModelWithThatBiasAndBackAgain()
    {
        using var scope = NewDisposeScope();
        using var model = RandomMamba.Model(Config);
        var input = tensor(Tokens.Select(token => (long)token).ToArray());
        Tensor Log(double factor)
        {
            var tensors = RandomMamba.Tensors(Config, 1);
            tensors["backbone.layers.1.mixer.dt_proj.bias"].mul_(factor);
            return nn.functional.log_softmax(new PlainMamba(Config, tensors).Forward(input, (_, _, activation) => activation), -1);
        }

        var before = model.Forward(input.unsqueeze(0));
        var sums = DeltaBias.KlSums(model, Tokens, 1, [0.5, 1, 2], TestContext.Current.CancellationToken);

        var reference = Log(1);
        Close((reference.exp() * (reference - Log(0.5))).sum().item<double>(), sums[0]);
        Assert.Equal(0, sums[1]);
        Close((reference.exp() * (reference - Log(2))).sum().item<double>(), sums[2]);
        Assert.True(before.equal(model.Forward(input.unsqueeze(0))).all().item<bool>());
    }

    private static ChannelMoments Moments(int width)
    {
        var random = new Random(width);
        var moments = new ChannelMoments(width);
        for (var text = 0; text < 3; text++)
            moments.AddText([.. Enumerable.Range(0, width * 5).Select(_ => (float)random.NextDouble() + 0.5f)]);
        return moments;
    }

    private static double Kl(Ablation[] row, AblationKind kind)
    {
        using var scope = NewDisposeScope();
        var plain = new PlainMamba(Config, RandomMamba.Tensors(Config, 1));
        var input = tensor(Tokens.Select(token => (long)token).ToArray());
        Tensor Log(Func<int, Site, Tensor, Tensor> hook) => nn.functional.log_softmax(plain.Forward(input, hook), -1);
        var unsteered = Log((_, _, activation) => activation);
        var ablated = Log((layer, site, activation) =>
        {
            var changed = activation.clone();
            foreach (var ablation in row.Where(one => one.Layer == layer && one.Site == site))
            {
                foreach (var channel in ablation.Channels)
                    changed.select(1, channel).fill_(kind == AblationKind.Zero ? 0 : ablation.Moments!.Means[channel]);
            }

            return changed;
        });
        return (unsteered.exp() * (unsteered - ablated)).sum().item<double>();
    }

    private static void Close(double expected, double actual) => Assert.InRange(Math.Abs(actual - expected), 0, 1e-4 * Math.Max(0.1, Math.Abs(expected)));
}
