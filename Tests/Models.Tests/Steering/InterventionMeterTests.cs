using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Mamba;
using TorchSharp;
using Xunit;
using static Sweep.Models.Tests.Steering.SteeredRows;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Steering;

/// <summary>What a receipt is made of: every clause must show a hook that does nothing, too little, or too much.</summary>
public sealed class InterventionMeterTests : IDisposable
{
    private const int Length = 9;
    private const int Prompt = 6;
    private const int Layer = 1;

    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<Site, Operation> SitesAndOperations => SteeredRows.SitesAndOperations;

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(SitesAndOperations))]
    public void Measure_AnySiteAndOperation_CountsEveryPositionAndItsChange(Site site, Operation operation)
    {
        foreach (var dtype in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16])
        {
            var intervention = Make(site, operation, Layer) with { Scalar = -3.5 };
            var (meter, before, residual) = Measure(dtype, null, intervention);
            Assert.Equal(Length, meter.PositionsTouched);
            Assert.Equal(0, meter.OffTargetDeviation);
            var expected = operation switch { Operation.Scale => 3.5, Operation.ZeroAblate => 0, _ => (double?)null };
            Assert.Equal(expected is null, meter.OnTargetMinimum is null);
            if (expected is { } ratio)
            {
                var tolerance = 3.5 * (dtype == ScalarType.Float32 ? 1e-5 : 1e-2);
                Assert.InRange(meter.OnTargetMinimum!.Value, ratio - tolerance, ratio + tolerance);
                Assert.InRange(meter.OnTargetMaximum!.Value, ratio - tolerance, ratio + tolerance);
            }

            // ‖after − before‖ over the steered channels and the prompt's positions, by the definitions of the operations.
            var values = before.to(float64).contiguous().data<double>().ToArray();
            var width = (int)before.shape[1];
            var change = 0.0;
            for (var position = 0; position < Prompt; position++)
            {
                foreach (var (index, channel) in intervention.Channels.Index())
                {
                    var value = values[(position * width) + channel];
                    change += Math.Pow(PlainSteering.Apply(intervention, index, value) - value, 2);
                }
            }

            var relative = Math.Sqrt(change) / residual.to(float64).narrow(0, 0, Prompt).norm().item<double>();
            Assert.Equal(relative, meter.RelativeChange!.Value, relative * (dtype == ScalarType.Float32 ? 1e-5 : 1e-2));
        }
    }

    [Theory]
    [MemberData(nameof(SitesAndOperations))]
    public void Measure_DroppedHook_ShowsThatNothingHappened(Site site, Operation operation)
    {
        foreach (var dtype in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
        {
            var (meter, _, _) = Measure(dtype, new ChangedWriter((_, _, _) => { }), Make(site, operation, Layer));
            Assert.Equal(0, meter.PositionsTouched);
            Assert.Equal(0, meter.RelativeChange);
            if (meter.OnTargetMaximum is not null)
                Assert.Equal((1, 1), (meter.OnTargetMinimum, meter.OnTargetMaximum));
        }
    }

    [Theory]
    [InlineData(Operation.Scale)]
    [InlineData(Operation.ZeroAblate)]
    [InlineData(Operation.MeanAblate)]
    [InlineData(Operation.Add)]
    public void Measure_HookOnSomePositionsOnly_CountsThose(Operation operation)
    {
        var writer = new ChangedWriter((write, intervention, _) =>
        {
            // Positions 0, 1 and 4 of the nine.
            write(intervention, 0, 2);
            write(intervention, 4, 1);
        });
        Assert.Equal(3, Measure(ScalarType.Float32, writer, Make(Site.SsmOutput, operation, Layer)).Meter.PositionsTouched);
    }

    [Fact]
    public void Measure_HookThatForgetsAChannel_CountsNoPositionAndShowsItsRatio()
    {
        var intervention = Make(Site.MixerOutput, Operation.Scale, Layer) with { Scalar = 3 };
        var forgetful = new CompiledIntervention(intervention with { Channels = [1, 4, 7] });
        var writer = new ChangedWriter((write, _, positions) => write(forgetful, 0, positions));
        var (meter, _, _) = Measure(ScalarType.Float32, writer, intervention);
        Assert.Equal(0, meter.PositionsTouched);
        Assert.Equal(1, meter.OnTargetMinimum);
        Assert.Equal(3, meter.OnTargetMaximum!.Value, 1e-5);
    }

    [Fact]
    public void Measure_HookThatReachesTooFar_ShowsOffTarget()
    {
        var intervention = Make(Site.MixerOutput, Operation.Scale, Layer) with { Scalar = 3 };
        var greedy = new CompiledIntervention(intervention with { Channels = [1, 4, 7, 18, 19] });
        var writer = new ChangedWriter((write, _, positions) => write(greedy, 0, positions));
        var (meter, _, _) = Measure(ScalarType.Float32, writer, intervention);
        Assert.Equal(2, meter.OffTargetDeviation!.Value, 1e-5);
    }

    [Fact]
    public void Measure_SeveralInterventions_KeepsTheExtremesAndCountsALayersPositionsOnce()
    {
        var (meter, _, _) = Measure(
            ScalarType.Float32, null,
            Make(Site.MixerOutput, Operation.Scale, Layer) with { Scalar = 0.25, Positions = PositionScope.Prompt },
            Make(Site.MixerOutput, Operation.Scale, Layer) with { Scalar = 8, Channels = [0] },
            Make(Site.Delta, Operation.Add, Layer) with { Positions = PositionScope.Last },
            Make(Site.Gate, Operation.ZeroAblate, 2) with { Positions = PositionScope.Generated });
        Assert.Equal(Length + (Length - Prompt), meter.PositionsTouched);
        Assert.Equal(0.25, meter.OnTargetMinimum!.Value, 1e-5);
        Assert.Equal(8, meter.OnTargetMaximum!.Value, 1e-4);
    }

    [Fact]
    public void Measure_Identity_HasNothingToShow()
    {
        var (meter, _, _) = Measure(ScalarType.Float32, null, Make(Site.MixerOutput, Operation.Scale, Layer) with { Scalar = 1 });
        Assert.Equal((0, null, null), (meter.PositionsTouched, meter.OnTargetMaximum, meter.RelativeChange));
    }

    [Fact]
    public void Measure_ChannelsThatAreZero_CountAsTouchedWithoutRatio()
    {
        var first = Make(Site.MixerOutput, Operation.ZeroAblate, Layer);
        var (meter, _, _) = Measure(ScalarType.Float32, null, first, first with { Operation = Operation.Scale, Scalar = 5 });
        Assert.Equal(Length, meter.PositionsTouched);
        Assert.Equal((0, 0), (meter.OnTargetMinimum, meter.OnTargetMaximum));
    }

    /// <summary>The row's meter, the site's activation without interventions, and the residual stream that the block reads.</summary>
    private static (InterventionMeter Meter, Tensor Before, Tensor Residual) Measure(ScalarType dtype, InterventionWriter? writer, params Intervention[] interventions)
    {
        using var model = RandomMamba.Model(RandomMamba.Config(), dtype: dtype);
        var tokens = RandomMamba.Tokens(model.Config, 1, Length, seed: 2);
        using var recorder = new ActivationRecorder([(Layer, interventions[0].Site), (Layer, Site.ResidualPre)]);
        model.Forward(tokens, recorder: recorder);
        var row = Row(Prompt, interventions) with { Meter = new() };
        var pass = new Pass(TokenSpans.Full(1, Length), null, [row]) { Writer = writer ?? InterventionWriter.Default };
        using var state = model.NewState(pass);
        model.RunLayers(tokens, state, pass);
        return (row.Meter!, recorder[Layer, interventions[0].Site][0].clone(), recorder[Layer, Site.ResidualPre][0].clone());
    }

    /// <param name="write">Writes an intervention as the real writer does: from so many positions on, so many.</param>
    private delegate void Change(Action<CompiledIntervention, int, int> write, CompiledIntervention intervention, int positions);

    private sealed class ChangedWriter(Change change) : InterventionWriter
    {
        public override unsafe void Write(CompiledIntervention intervention, float* activation, long stride, int positions) =>
            change((compiled, first, count) => base.Write(compiled, activation + (first * stride), stride, count), intervention, positions);
    }
}
