using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Mamba;
using TorchSharp;
using Xunit;
using static Sweep.Models.Tests.Steering.SteeredRows;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Steering;

public sealed class ActivationRecorderTests : IDisposable
{
    private const int Length = 9;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly MambaConfig _config = RandomMamba.Config();
    private readonly MambaModel _model;

    public ActivationRecorderTests() => _model = RandomMamba.Model(_config);

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Record_EverySite_HasItsShapeAndChangesNothing() => RecordedSites.MustHaveTheirShapesAndChangeNothing(_model, RandomMamba.Tokens(_config, 2, Length, seed: 9));

    /// <summary>Every site against the others, by the equations of a block.</summary>
    [Fact]
    public void Record_EverySite_FitsTheEquationsOfABlock()
    {
        var tensors = RandomMamba.Tensors(_config, 1);
        int e = _config.DInner, n = _config.DState, r = _config.DtRank;
        using var recorder = new ActivationRecorder(Enum.GetValues<Site>().Select(site => (1, site)), [Length - 1]);
        _model.Forward(RandomMamba.Tokens(_config, 2, Length, seed: 9), recorder: recorder);
        Tensor Of(Site site) => recorder[1, site].cpu();
        Tensor Weight(string name) => tensors["backbone.layers.1." + name];
        Near(RmsNorm.Reference(Of(Site.ResidualPre), Weight("norm.weight"), 1e-5), Of(Site.NormalizedInput));
        Near(Of(Site.NormalizedInput).matmul(Weight("mixer.in_proj.weight").t()), Of(Site.InProjection));
        Near(nn.functional.silu(Of(Site.InProjection).narrow(2, e, e)), Of(Site.Gate));
        Near(Of(Site.Convolution).matmul(Weight("mixer.x_proj.weight").t()), Of(Site.SsmInput));
        Near(nn.functional.softplus(Of(Site.SsmInput).narrow(2, 0, r).matmul(Weight("mixer.dt_proj.weight").t()) + Weight("mixer.dt_proj.bias"), 1, 20), Of(Site.Delta));
        var state = zeros(2, e, n);
        var y = SelectiveScan.Reference(
            Of(Site.Convolution), Of(Site.Delta), Weight("mixer.A_log").exp().neg(), Of(Site.SsmInput).narrow(2, r, n), Of(Site.SsmInput).narrow(2, r + n, n), Weight("mixer.D"), state);
        Near(y, Of(Site.SsmOutput));
        Near(state.unsqueeze(1), Of(Site.SsmState));
        Near(Of(Site.SsmOutput) * Of(Site.Gate), Of(Site.GatedOutput));
        Near(Of(Site.GatedOutput).matmul(Weight("mixer.out_proj.weight").t()), Of(Site.MixerOutput));
        Near(Of(Site.ResidualPre) + Of(Site.MixerOutput), Of(Site.ResidualPost));
    }

    [Fact]
    public void Record_SteeredSite_IsWhatTheNextOperationReads()
    {
        var tokens = RandomMamba.Tokens(_config, 1, Length, seed: 9);
        using var recorder = new ActivationRecorder([(1, Site.MixerOutput), (1, Site.ResidualPre), (1, Site.ResidualPost)]);
        _model.Forward(tokens, rows: [Row(Length, Make(Site.MixerOutput, Operation.MeanAblate, 1))], recorder: recorder);
        Assert.Equal(0.7f, recorder[1, Site.MixerOutput][0, 3, 1].item<float>());
        Assert.True((recorder[1, Site.ResidualPre] + recorder[1, Site.MixerOutput]).BitEquals(recorder[1, Site.ResidualPost]));
    }

    [Fact]
    public void Record_SsmState_IsTheStateAfterShorterPrompt()
    {
        var tokens = RandomMamba.Tokens(_config, 2, Length, seed: 9);
        using var recorder = new ActivationRecorder([(2, Site.SsmState)], [0, 5, Length - 1]);
        _model.Forward(tokens, recorder: recorder);
        foreach (var (index, position) in recorder.StatePositions.Index())
        {
            var (_, state) = _model.Prefill(tokens.narrow(1, 0, position + 1));
            using var owned = state;
            Assert.True(recorder[2, Site.SsmState].select(1, index).BitEquals(state.Ssm(2).transpose(1, 2).contiguous()));
        }
    }

    [Fact]
    public void Constructor_StatePositionsMissingOrNotAscending_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new ActivationRecorder([(0, Site.SsmState)]));
        Assert.Throws<ArgumentException>(() => new ActivationRecorder([(0, Site.SsmState)], [5, 2]));
        Assert.Throws<ArgumentException>(() => new ActivationRecorder([(0, Site.SsmState)], [2, 2]));
        Assert.Throws<ArgumentException>(() => new ActivationRecorder([(0, Site.SsmState)], [-1]));
    }

    [Fact]
    public void Record_StatePositionBeyondThePass_IsRefused()
    {
        using var recorder = new ActivationRecorder([(0, Site.SsmState)], [Length]);
        var error = Assert.Throws<ArgumentException>(() => _model.Forward(RandomMamba.Tokens(_config, 1, Length, seed: 9), recorder: recorder));
        Assert.Contains($"position {Length}", error.Message);
    }

    private static void Near(Tensor expected, Tensor found) =>
        Assert.InRange((found - expected).abs().max().item<float>() / expected.abs().max().item<float>(), 0, 1e-5);
}
