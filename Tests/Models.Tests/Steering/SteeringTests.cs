using CsCheck;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Cuda;
using Sweep.Models.Tests.Mamba;
using TorchSharp;
using Xunit;
using static Sweep.Models.Tests.Steering.SteeredRows;
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

    public static TheoryData<Site, Operation> SitesAndOperations => SteeredRows.SitesAndOperations;

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
    [InlineData(4.0, true, true)]
    [InlineData(4.0, true, false)]
    [InlineData(-0.5, true, true)]
    [InlineData(0.0, true, false)]
    [InlineData(3.3, false, true)]
    [InlineData(3.3, false, false)]
    [InlineData(-29.0, false, false)]
    public void ScaleOfMixerOutput_EqualsFoldedOutProjection(double scalar, bool exact, bool useBias)
    {
        var config = RandomMamba.Config(useBias: useBias, tied: false);
        using var model = RandomMamba.Model(config);
        var tensors = RandomMamba.Tensors(config, 1);
        var scale = Make(Site.MixerOutput, Operation.Scale, 1) with { Scalar = scalar };
        foreach (var channel in scale.Channels)
        {
            tensors["backbone.layers.1.mixer.out_proj.weight"][channel].mul_((float)scalar);
            if (useBias)
                tensors["backbone.layers.1.mixer.out_proj.bias"][channel].mul_((float)scalar);
        }

        using var folded = new MambaModel(config, tensors, TestDevice.Current);
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
                TestDevice.AssertSame(meter.RelativeChange, rows[row].Meter!.RelativeChange);
                TestDevice.AssertSame(meter.OnTargetMinimum, rows[row].Meter!.OnTargetMinimum);
            }
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Theory]
    [InlineData(PositionScope.All)]
    [InlineData(PositionScope.Prompt)]
    [InlineData(PositionScope.Generated)]
    [InlineData(PositionScope.Last)]
    public void PrefillPiecesAndSteps_AnyPositions_EqualOneLongPassBitForBit(PositionScope positions)
    {
        const int prompt = 4;
        Intervention[] interventions = [.. SteerableSites.All.Select((site, index) => Make(site, (Operation)(index % 4), index % 3) with { Positions = positions })];
        var tokens = RandomMamba.Tokens(_config, 2, Length, seed: 8);
        var whole = _model.Forward(tokens, rows: [Row(prompt, interventions), Row(prompt, interventions)]);

        // The second row's prompt is padded on the left, and the continuation comes as a piece of three and then token by token.
        var first = cat([tokens.narrow(1, 0, prompt), zeros(2, 2, int64)], 1);
        first[1] = cat([zeros(2, int64), tokens[1].narrow(0, 0, prompt)], 0);
        var (logits, state) = _model.Prefill(first, new([0, 2], [prompt, prompt + 2], prompt + 2), [Row(prompt, interventions), Row(prompt + 2, interventions)]);
        using var owned = state;
        Assert.True(logits.BitEquals(whole.select(1, prompt - 1)));
        PassRow[] later = [Row(0, interventions), Row(0, interventions)];
        Assert.True(_model.Forward(tokens.narrow(1, prompt, 3), rows: later, state: state).BitEquals(whole.narrow(1, prompt, 3)));
        for (var t = prompt + 3; t < Length; t++)
            Assert.True(_model.Step(tokens.select(1, t), state, later).BitEquals(whole.select(1, t)), $"step at {t}");
    }

    [Fact]
    public void ResidualPost_OfALayer_IsResidualPreOfTheNext()
    {
        var tokens = RandomMamba.Tokens(_config, 1, Length, seed: 12);
        foreach (var operation in Enum.GetValues<Operation>())
        {
            var post = _model.Forward(tokens, rows: [Row(Length, Make(Site.ResidualPost, operation, 0))]);
            Assert.True(_model.Forward(tokens, rows: [Row(Length, Make(Site.ResidualPre, operation, 1))]).BitEquals(post), $"{operation}");
        }
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

    [Theory]
    [InlineData(double.NaN, 0.5, "no finite fp32 number")]
    [InlineData(1e39, 0.5, "no finite fp32 number")]
    [InlineData(2, double.PositiveInfinity, "not all finite fp32 numbers")]
    [InlineData(1e20, 1e20, "not all finite fp32 numbers")]
    public void Validate_NumbersThatAreNotFinite_AreRefused(double scalar, double value, string message)
    {
        var add = Make(Site.MixerOutput, Operation.Add, 0) with { Channels = [3], Scalar = scalar, Values = [value] };
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => SteerableSites.Validate(add, _config)).Message);
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
}
