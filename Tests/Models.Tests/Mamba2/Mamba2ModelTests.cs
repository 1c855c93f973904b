using Sweep.Models.Identification;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Mamba2;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Mamba;
using Sweep.Models.Tests.Steering;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba2;

public sealed class Mamba2ModelTests : IDisposable
{
    private const int Length = 11;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Mamba2Config _config = RandomMamba2.Config();
    private readonly MambaModel _model;

    public Mamba2ModelTests() => _model = RandomMamba2.Model(_config);

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.BFloat16, 5e-2)]
    public void Step_AfterAPrefixOfAnyLength_EqualsOnePass(ScalarType dtype, double tolerance)
    {
        using var model = RandomMamba2.Model(_config, dtype: dtype);
        var tokens = RandomMamba.Tokens(_config, 2, Length, seed: 5);
        var whole = model.Forward(tokens);
        foreach (var prefix in (int[])[1, 4, 5])
        {
            var (logits, state) = model.Prefill(tokens.narrow(1, 0, prefix));
            using var owned = state;
            Near(whole.select(1, prefix - 1), logits, tolerance);
            for (var at = prefix; at < Length; at++)
                Near(whole.select(1, at), model.Step(tokens.select(1, at), state), tolerance);
        }
    }

    [Fact]
    public void Forward_NormOfTheGroups_DiffersFromTheNormOfAllAndIsTheSameForOneGroup()
    {
        var tokens = RandomMamba.Tokens(_config, 1, Length, seed: 5);
        using var grouped = RandomMamba2.Model(_config with { NormGroups = 2 });
        Assert.False(grouped.Forward(tokens).BitEquals(_model.Forward(tokens)));
        foreach (var normGroups in (int[])[1, 2])
        {
            var config = _config with { NormGroups = normGroups };
            using var fast = RandomMamba2.Model(config);
            var expected = new PlainMamba2(config, RandomMamba2.Tensors(config, 1)).Forward(tokens[0], (_, _, activation) => activation);
            Near(expected, fast.Forward(tokens)[0], 1e-5);
        }
    }

    [Fact]
    public void Record_EverySite_HasItsShapeAndChangesNothing() => RecordedSites.MustHaveTheirShapesAndChangeNothing(_model, RandomMamba.Tokens(_config, 2, Length, seed: 9));

    /// <summary>Every site against the others, by the equations of a block.</summary>
    [Fact]
    public void Record_EverySite_FitsTheEquationsOfABlock()
    {
        var tensors = RandomMamba2.Tensors(_config, 1);
        int e = _config.DInner, heads = _config.HeadCount, shared = _config.GroupCount * _config.DState;
        using var recorder = new ActivationRecorder(Enum.GetValues<Site>().Select(site => (1, site)), [Length - 1]);
        _model.Forward(RandomMamba.Tokens(_config, 2, Length, seed: 9), recorder: recorder);
        Tensor Of(Site site) => recorder[1, site];
        Tensor Weight(string name) => tensors["backbone.layers.1." + name];
        Near(RmsNorm.Reference(Of(Site.ResidualPre), Weight("norm.weight"), 1e-5), Of(Site.NormalizedInput));
        Near(Of(Site.NormalizedInput).matmul(Weight("mixer.in_proj.weight").t()), Of(Site.InProjection));
        Near(nn.functional.silu(Of(Site.InProjection).narrow(2, 0, e)), Of(Site.Gate));
        Assert.True(Of(Site.InProjection).narrow(2, (2 * e) + (2 * shared), heads).BitEquals(Of(Site.SsmInput).narrow(2, 0, heads)));
        Near(nn.functional.softplus(Of(Site.SsmInput).narrow(2, 0, heads) + Weight("mixer.dt_bias"), 1, 20), Of(Site.Delta));
        var inputs = new SsdInputs
        {
            X = Of(Site.Convolution),
            Delta = Of(Site.Delta),
            A = Weight("mixer.A_log").exp().neg(),
            B = Of(Site.SsmInput).narrow(2, heads, shared),
            C = Of(Site.SsmInput).narrow(2, heads + shared, shared),
            D = Weight("mixer.D"),
            State = zeros(2, _config.DState, e),
            Groups = _config.GroupCount,
        };
        Near(StepwiseSsd.Run(inputs), Of(Site.SsmOutput));
        Near(inputs.State.transpose(1, 2).unsqueeze(1), Of(Site.SsmState));
        Near(RmsNorm.Reference(Of(Site.SsmOutput) * Of(Site.Gate), Weight("mixer.norm.weight"), 1e-5), Of(Site.GatedOutput));
        Near(Of(Site.GatedOutput).matmul(Weight("mixer.out_proj.weight").t()), Of(Site.MixerOutput));
        Near(Of(Site.ResidualPre) + Of(Site.MixerOutput), Of(Site.ResidualPost));
    }

    [Fact]
    public void HiddenAttention_TimesTheInput_IsTheScansOutput()
    {
        int[] tokens = [3, 1, 4, 1, 5, 9, 2];
        var maps = HiddenAttention.Maps(_model, tokens, 1, TestContext.Current.CancellationToken); // [H, L, L]

        using var recorder = new ActivationRecorder([(1, Site.Convolution), (1, Site.SsmOutput)]);
        _model.Forward(tensor([.. tokens.Select(token => (long)token)], [1, tokens.Length]), recorder: recorder);
        var x = recorder[1, Site.Convolution][0].to(float64).view(tokens.Length, _config.HeadCount, _config.HeadDim); // [L, H, P]
        var skip = RandomMamba2.Tensors(_config, 1)["backbone.layers.1.mixer.D"].to(float64).unsqueeze(1);
        var y = maps.matmul(x.transpose(0, 1)).transpose(0, 1) + (skip * x);
        Near(y.reshape(tokens.Length, _config.DInner), recorder[1, Site.SsmOutput][0], 1e-5);
        var mean = HiddenAttention.MeanMap(_model, tokens, 1, TestContext.Current.CancellationToken);
        Assert.Equal(maps.mean([0])[5][2].item<double>(), mean[5][2], 9);
    }

    [Theory]
    [InlineData(0, Site.SsmOutput)]
    [InlineData(0, Site.GatedOutput)]
    [InlineData(1, Site.MixerOutput)]
    public void GradientTimesActivation_OfAChannel_IsTheSlopeInAFactorOnIt(int layer, Site site)
    {
        var config = _config with { DeltaMinimum = 0.05, DeltaMaximum = 0.3, NormGroups = 2 };
        using var model = RandomMamba2.Model(config);
        var text = new AttributedText([3, 1, 4, 1, 5], [], [6]);

        var outcome = GradientAttribution.Run(model, text, layer, site, 0, TestContext.Current.CancellationToken);

        const double Step = 1e-4;
        var plain = new PlainMamba2(config, RandomMamba2.Tensors(config, 1));
        Assert.Equal(LogLikelihood(0, 1), outcome.LogLikelihood, 1e-4);
        foreach (var channel in (int[])[0, 3, 17])
        {
            var slope = (LogLikelihood(channel, 1 + Step) - LogLikelihood(channel, 1 - Step)) / (2 * Step);
            Assert.InRange(Math.Abs(outcome.GradientTimesActivation[channel] - slope), 0, 2e-3 * Math.Max(0.1, Math.Abs(slope)));
        }

        double LogLikelihood(int channel, double factor)
        {
            var logits = plain.Forward(tensor(text.Prompt.Select(token => (long)token).ToArray()), (l, s, activation) =>
            {
                if ((l, s) != (layer, site))
                    return activation;
                var changed = activation.clone();
                changed.select(1, channel).mul_(factor);
                return changed;
            });
            return nn.functional.log_softmax(logits, -1)[^1][6].item<double>();
        }
    }

    [Fact]
    public void DeltaBias_OfAModel_IsScaledAndPutBack()
    {
        int[] tokens = [3, 1, 4, 1, 5, 9, 2];
        var before = _model.Forward(tensor([.. tokens.Select(token => (long)token)], [1, tokens.Length]));

        var sums = DeltaBias.KlSums(_model, tokens, 1, [0.5, 1], TestContext.Current.CancellationToken);

        Assert.True(sums[0] > 0);
        Assert.Equal(0, sums[1], 6);
        Assert.True(_model.Forward(tensor([.. tokens.Select(token => (long)token)], [1, tokens.Length])).BitEquals(before));
    }

    private static void Near(Tensor expected, Tensor found, double tolerance = 1e-5) =>
        Assert.InRange((found - expected).abs().max().to(float64).item<double>() / expected.abs().max().to(float64).item<double>(), 0, tolerance);
}
