using CsCheck;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Mamba;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Steering;

public sealed class SteeringTests : IDisposable
{
    private const int Length = 9;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly MambaConfig _config = RandomMamba.Config();
    private readonly MambaModel _model;

    public SteeringTests() => _model = RandomMamba.Model(_config);

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    public static TheoryData<Site, Operation> SitesAndOperations
    {
        get
        {
            TheoryData<Site, Operation> data = [];
            foreach (var site in SteerableSites.All)
            {
                foreach (var operation in Enum.GetValues<Operation>())
                    data.Add(site, operation);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(SitesAndOperations))]
    public void Forward_PaddedLeftOrRight_EqualsUnpaddedBitForBit(Site site, Operation operation)
    {
        var row = Row(Length, Make(site, operation, layer: 1));
        var tokens = RandomMamba.Tokens(_config, 1, Length, seed: 3);
        var alone = _model.Forward(tokens, rows: [row]);
        foreach (var (left, right) in new[] { (4, 0), (0, 5), (3, 2) })
        {
            var padded = cat([zeros(1, left, int64), tokens, zeros(1, right, int64)], 1);
            var spans = new TokenSpans([left], [left + Length], left + Length + right);
            var logits = _model.Forward(padded, spans, [row with { PromptEnd = left + Length }]).narrow(1, left, Length);
            Assert.True(logits.BitEquals(alone), $"{left} padded before, {right} after: {(logits - alone).abs().max().item<float>()}");
        }
    }

    [Theory]
    [MemberData(nameof(SitesAndOperations))]
    public void Forward_Steered_ChangesLogitsButNotAtIdentity(Site site, Operation operation)
    {
        var tokens = RandomMamba.Tokens(_config, 1, Length, seed: 4);
        var plain = _model.Forward(tokens);
        Assert.False(_model.Forward(tokens, rows: [Row(Length, Make(site, operation, 1))]).BitEquals(plain));
        if (operation is Operation.Scale or Operation.Add)
        {
            var identity = Make(site, operation, 1) with { Scalar = operation == Operation.Scale ? 1 : 0 };
            Assert.True(_model.Forward(tokens, rows: [Row(Length, identity)]).BitEquals(plain));
        }
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void Forward_HalfPrecision_IsNearFp32AndScalesRoundedValues(ScalarType dtype)
    {
        using var half = RandomMamba.Model(_config, dtype: dtype);
        var tokens = RandomMamba.Tokens(_config, 2, Length, seed: 5);
        var scale = Make(Site.MixerOutput, Operation.Scale, 1) with { Scalar = 1.7 };
        using var plain = new ActivationRecorder([(1, Site.MixerOutput)]);
        using var steered = new ActivationRecorder([(1, Site.MixerOutput)]);
        var near = _model.Forward(tokens);
        var logits = half.Forward(tokens, recorder: plain);
        Assert.True((logits - near).abs().max().item<float>() < 0.15f * near.abs().max().item<float>());
        half.Forward(tokens, rows: [Row(Length, scale), new() { PromptEnd = Length }], recorder: steered);
        var expected = plain[1, Site.MixerOutput].clone();
        using var channels = tensor(scale.Channels.Select(channel => (long)channel).ToArray());
        expected[0].index_copy_(1, channels, (expected[0].index_select(1, channels).to(float32) * 1.7f).to(dtype));
        Assert.True(steered[1, Site.MixerOutput].BitEquals(expected));
    }

    [Theory]
    [InlineData(4.0, true)]
    [InlineData(-0.5, true)]
    [InlineData(3.3, false)]
    public void ScaleOfMixerOutput_EqualsFoldedOutProjection(double scalar, bool exact)
    {
        var config = RandomMamba.Config(useBias: true, tied: false);
        using var model = RandomMamba.Model(config);
        var tensors = RandomMamba.Tensors(config, 1);
        var scale = Make(Site.MixerOutput, Operation.Scale, 1) with { Scalar = scalar };
        foreach (var channel in scale.Channels)
        {
            tensors["backbone.layers.1.mixer.out_proj.weight"][channel].mul_((float)scalar);
            tensors["backbone.layers.1.mixer.out_proj.bias"][channel].mul_((float)scalar);
        }

        using var folded = new MambaModel(config, tensors);
        var tokens = RandomMamba.Tokens(config, 2, Length, seed: 6);
        var (hooked, expected) = (model.Forward(tokens, rows: [Row(Length, scale), Row(Length, scale)]), folded.Forward(tokens));
        var difference = (hooked - expected).abs().max().item<float>() / expected.abs().max().item<float>();
        Assert.True(exact ? hooked.BitEquals(expected) : difference <= 1e-5, $"{difference}");
    }

    [Fact]
    public void Forward_RowsWithDifferentInterventions_EachEqualItselfAlone() =>
        GenRows.Sample(
            interventions =>
            {
                using var scope = NewDisposeScope();
                var tokens = RandomMamba.Tokens(_config, interventions.Length, Length, seed: 7);
                var rows = interventions.Select(list => Row(6, list)).ToArray();
                var together = _model.Forward(tokens, rows: rows);
                for (var row = 0; row < rows.Length; row++)
                    Assert.True(_model.Forward(tokens.narrow(0, row, 1), rows: [rows[row]])[0].BitEquals(together[row]));
            },
            iter: 60,
            threads: 1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Forward_MorePositionsThanOneGroup_EachRowEqualsItselfAlone(int threads)
    {
        const int rowCount = 23, length = 130;
        var before = get_num_threads();
        try
        {
            var tokens = RandomMamba.Tokens(_config, rowCount, length, seed: 11);
            PassRow[] rows = [.. Enumerable.Range(0, rowCount).Select(row =>
                Row(length, Make(SteerableSites.All[row % SteerableSites.All.Count], (Operation)(row % 4), row % 3)) with { Meter = new() })];
            set_num_threads(threads);
            var together = _model.Forward(tokens, rows: rows);
            set_num_threads(1);
            for (var row = 0; row < rowCount; row++)
            {
                var meter = new InterventionMeter();
                var alone = _model.Forward(tokens.narrow(0, row, 1), rows: [rows[row] with { Meter = meter }]);
                Assert.True(alone[0].BitEquals(together[row]), $"row {row}");
                Assert.Equal(length, meter.PositionsTouched);
                Assert.Equal(meter.RelativeChange, rows[row].Meter!.RelativeChange);
                Assert.Equal(meter.OnTargetMinimum, rows[row].Meter!.OnTargetMinimum);
            }
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Fact]
    public void PrefillAndSteps_EqualOneLongPass()
    {
        var tokens = RandomMamba.Tokens(_config, 2, Length, seed: 8);
        var row = Row(4, Make(Site.Delta, Operation.Scale, 0), Make(Site.Gate, Operation.Add, 1) with { Positions = PositionScope.Generated });
        var whole = _model.Forward(tokens, rows: [row, row]);
        var (logits, state) = _model.Prefill(tokens.narrow(1, 0, 4), rows: [row, row]);
        using var owned = state;
        for (var t = 4; t <= Length; t++)
        {
            var expected = whole.select(1, t - 1);
            Assert.True((logits - expected).abs().max().item<float>() <= 1e-5 * expected.abs().max().item<float>());
            if (t < Length)
                logits = _model.Step(tokens.select(1, t), state, [row with { PromptEnd = 0 }, row with { PromptEnd = 0 }]);
        }
    }

    [Fact]
    public void Meter_ScaledRow_ShowsScalarOnTargetAndOneOffTarget()
    {
        var meter = Measure(null);
        Assert.Equal(Length, meter.PositionsTouched);
        Assert.InRange(meter.OnTargetMinimum!.Value, 3.5 - 3.5e-5, 3.5 + 3.5e-5);
        Assert.InRange(meter.OnTargetMaximum!.Value, 3.5 - 3.5e-5, 3.5 + 3.5e-5);
        Assert.Equal(0, meter.OffTargetDeviation);
        Assert.True(meter.RelativeChange > 0);
    }

    [Fact]
    public void Meter_DroppedHook_ShowsThatNothingChanged()
    {
        var meter = Measure(new DroppedWriter());
        Assert.Equal(1, meter.OnTargetMinimum);
        Assert.Equal(1, meter.OnTargetMaximum);
        Assert.Equal(0, meter.RelativeChange);
    }

    [Fact]
    public void Recorder_SsmState_IsTheStateAfterShorterPrompt()
    {
        var tokens = RandomMamba.Tokens(_config, 2, Length, seed: 9);
        using var recorder = new ActivationRecorder([(2, Site.SsmState)], [0, 5, Length - 1]);
        Assert.True(_model.Forward(tokens, recorder: recorder).BitEquals(_model.Forward(tokens)));
        Assert.Equal([2, 3, _config.DInner, _config.DState], recorder[2, Site.SsmState].shape);
        var (_, state) = _model.Prefill(tokens.narrow(1, 0, 6));
        using var owned = state;
        Assert.True(recorder[2, Site.SsmState].select(1, 1).BitEquals(state.Ssm(2).transpose(1, 2).contiguous()));
    }

    [Fact]
    public void Recorder_EverySite_HasItsWidth()
    {
        var sites = Enum.GetValues<Site>();
        using var recorder = new ActivationRecorder(sites.Select(site => (0, site)), [2]);
        _model.Forward(RandomMamba.Tokens(_config, 2, Length, seed: 9), recorder: recorder);
        foreach (var site in sites)
            Assert.Equal(SteerableSites.Width(site, _config), recorder[0, site].shape[^1]);
    }

    [Fact]
    public void Validate_SiteThatCannotBeSteered_NamesThoseThatCan()
    {
        var error = Assert.Throws<NotSupportedException>(() => SteerableSites.Validate(Make(Site.SsmState, Operation.Scale, 0), _config));
        Assert.Contains("SsmState", error.Message);
        Assert.Contains("MixerOutput", error.Message);
        Assert.Throws<ArgumentException>(() => SteerableSites.Validate(Make(Site.Gate, Operation.Scale, 3), _config));
        Assert.Throws<ArgumentException>(() => SteerableSites.Validate(Make(Site.MixerOutput, Operation.Scale, 0) with { Channels = [20] }, _config));
        Assert.Throws<ArgumentException>(() => SteerableSites.Validate(Make(Site.MixerOutput, Operation.Add, 0) with { Values = [1] }, _config));
    }

    [Fact]
    public void Forward_ManyTimes_LeavesNoTensorBehind()
    {
        using var tokens = RandomMamba.Tokens(_config, 2, Length, seed: 9);
        _model.Forward(tokens).Dispose();
        var before = Tensor.TotalCount;
        for (var i = 0; i < 3; i++)
        {
            _model.Forward(tokens, rows: [Row(Length, Make(Site.Delta, Operation.Add, 1)), new() { PromptEnd = Length }]).Dispose();
            var (logits, state) = _model.Prefill(tokens);
            logits.Dispose();
            state.Dispose();
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    private static Gen<Intervention[][]> GenRows =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, SteerableSites.All.Count - 1].Select(site => SteerableSites.All[site]), Gen.Enum<Operation>(), Gen.Enum<PositionScope>(), Gen.Double[-2, 3])
            .Select((layer, site, operation, positions, scalar) => Make(site, operation, layer) with { Positions = positions, Scalar = scalar })
            .Array[0, 3].Array[1, 5];

    private static PassRow Row(int promptEnd, params Intervention[] interventions) =>
        new() { Steering = new(interventions, RandomMamba.Config()), PromptEnd = promptEnd };

    private static Intervention Make(Site site, Operation operation, int layer) => new()
    {
        Layer = layer,
        Site = site,
        Operation = operation,
        Channels = [1, 4, 7, 18],
        Scalar = 1.5,
        Values = operation is Operation.MeanAblate or Operation.Add ? [0.7, -0.3, 1.1, 0.2] : null,
    };

    private InterventionMeter Measure(InterventionWriter? writer)
    {
        var meter = new InterventionMeter();
        var row = Row(Length, Make(Site.MixerOutput, Operation.Scale, 1) with { Scalar = -3.5 }) with { Meter = meter };
        var pass = new Pass(TokenSpans.Full(1, Length), null, [row]) { Writer = writer ?? InterventionWriter.Default };
        using var state = _model.NewState(pass);
        _model.RunLayers(RandomMamba.Tokens(_config, 1, Length, seed: 2), state, pass);
        return meter;
    }

    private sealed class DroppedWriter : InterventionWriter
    {
        public override unsafe void Write(CompiledIntervention intervention, float* activation, long stride, int positions)
        {
        }
    }
}
