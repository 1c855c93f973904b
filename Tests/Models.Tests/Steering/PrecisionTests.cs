using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Mamba;
using TorchSharp;
using Xunit;
using static Sweep.Models.Tests.Steering.SteeredRows;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Steering;

/// <summary>Every dtype: the identity changes no bit, and an operation acts on the rounded value and is rounded once, as a module hook's result is.</summary>
public sealed class PrecisionTests : IDisposable
{
    private const int Length = 9;
    private const int Layer = 1;

    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<ScalarType, bool> Precisions => new()
    {
        { ScalarType.Float32, true },
        { ScalarType.BFloat16, true },
        { ScalarType.BFloat16, false },
        { ScalarType.Float16, true },
        { ScalarType.Float16, false },
    };

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Precisions))]
    public void Forward_IdentityBesideSteeredRows_IsBitForBitTheUnsteeredBatch(ScalarType dtype, bool residualInFp32)
    {
        using var model = Model(dtype, residualInFp32);
        var tokens = RandomMamba.Tokens(model.Config, 3, Length, seed: 4);
        var plain = model.Forward(tokens);
        foreach (var site in SteerableSites.All)
        {
            var scaled = Row(Length, Make(site, Operation.Scale, Layer) with { Scalar = 1 });
            var added = Row(Length, Make(site, Operation.Add, Layer) with { Scalar = 0 });
            Assert.True(model.Forward(tokens, rows: [scaled, added, scaled]).BitEquals(plain), $"{site}");
            var beside = model.Forward(tokens, rows: [scaled, Row(Length, Make(site, Operation.Scale, Layer)), added]);
            Assert.True(beside[0].BitEquals(plain[0]) && beside[2].BitEquals(plain[2]), $"{site}, beside a steered row");
            Assert.False(beside[1].BitEquals(plain[1]), $"{site} is steered");
        }
    }

    [Theory]
    [MemberData(nameof(Precisions))]
    public void Forward_OperationsAtOneSite_ActOnRoundedValuesInPlanOrder(ScalarType dtype, bool residualInFp32)
    {
        using var model = Model(dtype, residualInFp32);
        var tokens = RandomMamba.Tokens(model.Config, 2, Length, seed: 5);
        foreach (var site in SteerableSites.All)
        {
            var scale = Make(site, Operation.Scale, Layer) with { Scalar = 1.7 };
            var add = Make(site, Operation.Add, Layer) with { Channels = [4, 5, 18, 19], Scalar = -0.37 };
            var mean = Make(site, Operation.MeanAblate, Layer) with { Channels = [0, 1, 2, 3] };
            var zero = Make(site, Operation.ZeroAblate, Layer) with { Channels = [2, 19] };
            var plain = Record(model, tokens, site, [new() { PromptEnd = Length }, new() { PromptEnd = Length }]);
            foreach (var order in (Intervention[][])[[scale], [add], [mean], [zero], [scale, add], [add, scale], [scale, mean, zero, add], [zero, add, mean, scale]])
            {
                var found = Record(model, tokens, site, [Row(Length, order), new() { PromptEnd = Length }]);
                Assert.True(found.BitEquals(Expected(plain, order)), $"{site}: {string.Join(", ", order.Select(intervention => intervention.Operation))}");
            }
        }
    }

    [Theory]
    [InlineData(ScalarType.BFloat16, 0.1)]
    [InlineData(ScalarType.Float16, 0.02)]
    public void Forward_HalfPrecision_IsNearFp32(ScalarType dtype, double tolerance)
    {
        using var model = Model(ScalarType.Float32, residualInFp32: true);
        using var half = Model(dtype, residualInFp32: true);
        var tokens = RandomMamba.Tokens(model.Config, 2, Length, seed: 5);
        var near = model.Forward(tokens);
        var logits = half.Forward(tokens);
        Assert.Equal(ScalarType.Float32, logits.dtype);
        Assert.InRange((logits - near).abs().max().item<float>() / near.abs().max().item<float>(), 0, tolerance);
    }

    /// <summary>In fp32 the two forms of the steps may differ, by rounding; a row steered everywhere shows every step.</summary>
    [Fact]
    public void Forward_PlainAndFusedSteps_AgreeInFp32()
    {
        var config = RandomMamba.Config();
        using var fused = Model(ScalarType.Float32, residualInFp32: true);
        using var plain = new MambaModel(config, RandomMamba.Tensors(config, 1), CPU, ScalarType.Float32, new TorchOperations());
        var tokens = RandomMamba.Tokens(config, 2, Length, seed: 5);
        PassRow[] rows = [Row(Length, [.. SteerableSites.All.Select(site => Make(site, Operation.Scale, Layer))]), new() { PromptEnd = Length }];
        var expected = plain.Forward(tokens, rows: rows);
        Assert.InRange((fused.Forward(tokens, rows: rows).cpu() - expected).abs().max().item<float>() / expected.abs().max().item<float>(), 0, 1e-5);
    }

    private static MambaModel Model(ScalarType dtype, bool residualInFp32) => RandomMamba.Model(RandomMamba.Config() with { ResidualInFp32 = residualInFp32 }, dtype: dtype);

    private static Tensor Record(MambaModel model, Tensor tokens, Site site, PassRow[] rows)
    {
        using var recorder = new ActivationRecorder([(Layer, site)]);
        model.Forward(tokens, rows: rows, recorder: recorder);
        return recorder[Layer, site].clone();
    }

    /// <summary>The first row's values, each operation in fp32 and rounded to the tensor's dtype before the next.</summary>
    private static Tensor Expected(Tensor plain, Intervention[] order)
    {
        var expected = plain.clone();
        foreach (var intervention in order)
        {
            foreach (var (index, channel) in intervention.Channels.Index())
            {
                var values = expected[0].select(1, channel).to(float32);
                var changed = intervention.Operation switch
                {
                    Operation.Scale => values * (float)intervention.Scalar,
                    Operation.ZeroAblate => zeros_like(values),
                    Operation.MeanAblate => full_like(values, (float)intervention.Values![index]),
                    _ => values + (float)(intervention.Scalar * intervention.Values![index]),
                };
                expected[0].select(1, channel).copy_(changed.to(plain.dtype));
            }
        }

        return expected;
    }
}
