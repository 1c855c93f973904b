using Sweep.Models.Identification;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Mamba;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Identification;

/// <summary>Attributions against finite differences of a model in double that shares no code with the engine.</summary>
public sealed class GradientAttributionTests
{
    private static readonly MambaConfig Config = RandomMamba.Config();
    private static readonly AttributedText Text = new([3, 1, 4, 1, 5], [9, 2], [6, 8]);

    [Theory]
    [InlineData(1, Site.MixerOutput)]
    [InlineData(2, Site.SsmOutput)]
    [InlineData(0, Site.GatedOutput)]
    [InlineData(1, Site.ResidualPost)]
    public void GradientTimesActivation_OfAChannel_IsTheSlopeInAFactorOnIt(int layer, Site site)
    {
        using var model = RandomMamba.OnProcessor(Config);

        var outcome = GradientAttribution.Run(model, Text, layer, site, 0, TestContext.Current.CancellationToken);

        Close(LogLikelihood(layer, site, null, 1), outcome.LogLikelihood);
        Assert.Null(outcome.IntegratedGradients);
        const double Step = 1e-4;
        foreach (var channel in (int[])[0, 3, 17])
            Close((LogLikelihood(layer, site, channel, 1 + Step) - LogLikelihood(layer, site, channel, 1 - Step)) / (2 * Step), outcome.GradientTimesActivation[channel]);
    }

    [Fact]
    public void IntegratedGradients_OfASite_AddUpToWhatZeroingItDoes()
    {
        using var model = RandomMamba.OnProcessor(Config);

        var outcome = GradientAttribution.Run(model, Text, 1, Site.MixerOutput, 64, TestContext.Current.CancellationToken);

        var whole = LogLikelihood(1, Site.MixerOutput, null, 1) - LogLikelihood(1, Site.MixerOutput, null, 0);
        Assert.Equal(whole, outcome.IntegratedGradients!.Sum(), Math.Abs(whole) * 0.01);
    }

    [Fact]
    public void Run_OnAThreadInInferenceMode_GivesTheSame()
    {
        using var model = RandomMamba.OnProcessor(Config);
        var expected = GradientAttribution.Run(model, Text, 1, Site.MixerOutput, 0, TestContext.Current.CancellationToken);
        using var inference = inference_mode();
        using var other = RandomMamba.OnProcessor(Config);

        Assert.Equal(expected.GradientTimesActivation, GradientAttribution.Run(other, Text, 1, Site.MixerOutput, 0, TestContext.Current.CancellationToken).GradientTimesActivation);
    }

    [Fact]
    public void Run_AtASiteBeforeTheScan_IsRefused()
    {
        using var model = RandomMamba.OnProcessor(Config);

        Assert.Throws<NotSupportedException>(() => GradientAttribution.Run(model, Text, 1, Site.Delta, 0, TestContext.Current.CancellationToken));
    }

    /// <param name="channel">Null: every channel of the site.</param>
    private static double LogLikelihood(int layer, Site site, int? channel, double factor)
    {
        using var scope = NewDisposeScope();
        var plain = new PlainMamba(Config, RandomMamba.Tensors(Config, 1));
        int[] tokens = [.. Text.Prompt, .. Text.Said];
        var logits = plain.Forward(tensor(tokens.Select(token => (long)token).ToArray()), (l, s, activation) =>
        {
            if ((l, s) != (layer, site))
                return activation;
            var changed = activation.clone();
            if (channel is { } one)
                changed.select(1, one).mul_(factor);
            else
                changed.mul_(factor);
            return changed;
        });
        var log = nn.functional.log_softmax(logits, -1);
        var ends = Math.Log(Text.Ends.Sum(end => Math.Exp(log[^1][end].item<double>())));
        return ends + log[Text.Prompt.Count - 1][Text.Said[0]].item<double>() + log[Text.Prompt.Count][Text.Said[1]].item<double>();
    }

    private static void Close(double expected, double actual) => Assert.InRange(Math.Abs(actual - expected), 0, 2e-3 * Math.Max(0.1, Math.Abs(expected)));
}
