using Sweep.Execution.Prefix;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Mamba;
using TorchSharp;
using static TorchSharp.torch;

namespace Sweep.Execution.Tests.Prefix;

/// <summary>What the steered layer computes once for all rows, counted at every site as the block computes it.</summary>
public sealed class SharedLayerTests : IDisposable
{
    private const int Steered = 2;
    private const int Rows = 3;

    private static readonly Site[] InOrder =
    [
        Site.ResidualPre, Site.NormalizedInput, Site.InProjection, Site.Convolution, Site.SsmInput, Site.Delta, Site.SsmOutput, Site.Gate, Site.GatedOutput,
        Site.MixerOutput, Site.ResidualPost,
    ];

    private readonly MambaModel _model = RandomMamba.Model(RandomMamba.Config(layers: 4));

    public void Dispose() => _model.Dispose();

    /// <param name="site">The steered one.</param>
    /// <param name="first">The first site of which each row has its own; everything before it is there once.</param>
    /// <param name="ownConvolution">The convolution's state is each row's own.</param>
    /// <param name="ownSsm">The SSM state is.</param>
    [Theory]
    [InlineData(Site.ResidualPre, Site.ResidualPre, true, true)]
    [InlineData(Site.Convolution, Site.Convolution, false, true)]
    [InlineData(Site.Delta, Site.Delta, false, true)]
    [InlineData(Site.Gate, Site.SsmOutput, false, false)]
    [InlineData(Site.SsmOutput, Site.SsmOutput, false, false)]
    [InlineData(Site.GatedOutput, Site.GatedOutput, false, false)]
    [InlineData(Site.MixerOutput, Site.MixerOutput, false, false)]
    [InlineData(Site.ResidualPost, Site.ResidualPost, false, false)]
    public void SteeredLayer_Site_HasRowsOfTheirOwnFromThereOn(Site site, Site first, bool ownConvolution, bool ownSsm)
    {
        var row = new SteeredRow(new([Scale(Steered, site)], _model.Config));
        Assert.Equal(row.PromptFork, row.LaterFork);
        var counts = RowCounts(row.PromptFork!.Value, row);
        for (var layer = 0; layer < 4; layer++)
        {
            Assert.Equal(
                InOrder.Select(place => layer > Steered || (layer == Steered && Array.IndexOf(InOrder, place) >= Array.IndexOf(InOrder, first)) ? 1 + Rows : 1),
                InOrder.Select(place => counts.At[(layer, place)]));
        }

        Assert.Equal((ownConvolution ? 1 + Rows : 1, ownSsm ? 1 + Rows : 1), (counts.Convolution, counts.Ssm));
    }

    [Fact]
    public void Fork_SeveralPlaces_IsTheLowestThatThePassTouches()
    {
        var row = new SteeredRow(new(
            [
                Scale(3, Site.ResidualPre), Scale(2, Site.GatedOutput), Scale(2, Site.Gate),
                Scale(1, Site.MixerOutput) with { Positions = PositionScope.Generated }, Scale(0, Site.Delta, 1),
            ],
            _model.Config));
        Assert.Equal(new ForkPoint(2, Site.SsmOutput), row.PromptFork);
        Assert.Equal(new ForkPoint(1, Site.MixerOutput), row.LaterFork);
    }

    [Theory]
    [InlineData(PositionScope.Prompt)]
    [InlineData(PositionScope.Last)]
    public void Fork_OfThePromptAlone_StaysWhenTokensFollow(PositionScope positions)
    {
        // The states above it are no longer the identity's.
        var row = new SteeredRow(new([Scale(1, Site.Delta) with { Positions = positions }], _model.Config));
        Assert.Equal(new ForkPoint(1, Site.Delta), row.LaterFork);
    }

    [Fact]
    public void Fork_Identities_IsNowhere()
    {
        var row = new SteeredRow(new([Scale(1, Site.Delta, 1), Scale(2, Site.Gate, 0) with { Operation = Operation.Add, Values = [1, 1] }], _model.Config));
        Assert.Null(row.PromptFork);
        Assert.Null(row.LaterFork);
    }

    private static Intervention Scale(int layer, Site site, double scalar = 2) =>
        new() { Layer = layer, Site = site, Operation = Operation.Scale, Channels = [1, 4], Scalar = scalar };

    private (Dictionary<(int, Site), int> At, int Convolution, int Ssm) RowCounts(ForkPoint fork, SteeredRow row)
    {
        using var scope = NewDisposeScope();
        var recorder = new RowCounter();
        var pass = new Pass(
            TokenSpans.Full(1, 5),
            [new RowJoin(fork.Layer, fork.Site, new int[Rows])],
            [new PassRow { PromptEnd = 5 }, .. Enumerable.Range(0, Rows).Select(_ => new PassRow { PromptEnd = 5, Steering = row.Steering })],
            recorder);
        using var state = _model.NewState(pass);
        _model.RunLayers(RandomMamba.Tokens(_model.Config, 1, 5, seed: 1), state, pass, TestContext.Current.CancellationToken);
        return (recorder.Counts, (int)state.Convolution(Steered).shape[0], (int)state.Ssm(Steered).shape[0]);
    }

    private sealed class RowCounter : IActivationRecorder
    {
        public Dictionary<(int, Site), int> Counts { get; } = [];

        public IReadOnlyList<int> StatePositions => [];

        public bool Wants(int layer, Site site) => site != Site.SsmState;

        public void Record(int layer, Site site, torch.Tensor activation) => Counts[(layer, site)] = (int)activation.shape[0];
    }
}
