using CsCheck;
using Sweep.Models.Kernels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Kernels;

public sealed class RowKernelTests
{
    private static readonly Gen<(int Rows, int Length, int Width, int Taps, int Seed)> Shapes =
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 19], Gen.Int[1, 50], Gen.Int[1, 5], Gen.Int[0, 1_000_000]);

    [Fact]
    public void Convolution_RandomShapesAndSpans_AgreesWithTheReference() => Shapes.Sample(shape =>
    {
        using var scope = NewDisposeScope();
        manual_seed(shape.Seed);
        var h = randn(shape.Rows, shape.Length, 2 * shape.Width).narrow(2, 0, shape.Width);
        var weight = randn(shape.Width, shape.Taps);
        var bias = randn(shape.Width);
        var state = randn(shape.Rows, shape.Width, shape.Taps);
        var random = new Random(shape.Seed);
        var starts = Enumerable.Range(0, shape.Rows).Select(_ => random.Next(shape.Length)).ToArray();
        var spans = new TokenSpans(starts, [.. starts.Select(start => random.Next(start, shape.Length + 1))], shape.Length);
        var fast = state.transpose(1, 2).contiguous().clone();
        var found = CausalConvolution.Run(h, weight.t().contiguous(), bias, fast, spans);
        var expected = CausalConvolution.Reference(h, weight, bias, state, spans);
        Assert.InRange((found - expected).abs().max().item<float>(), 0, 2e-5);
        Assert.True(fast.transpose(1, 2).equal(state).all().item<bool>());
    }, iter: 60);

    [Fact]
    public void Norm_RandomShapes_AgreesWithTheReference() => Shapes.Sample(shape =>
    {
        using var scope = NewDisposeScope();
        manual_seed(shape.Seed);
        var x = randn(shape.Rows, shape.Length, shape.Width) * 10;
        var weight = randn(shape.Width);
        Assert.InRange((RmsNorm.Run(x, weight, 1e-5) - RmsNorm.Reference(x, weight, 1e-5)).abs().max().item<float>(), 0, 1e-4);
    }, iter: 40);

    [Fact]
    public void LogProbabilities_RandomLogits_AgreeWithTorch() => Gen.Select(Gen.Int[1, 8], Gen.Int[1, 300], Gen.Int[0, 1_000_000]).Sample((rows, vocabulary, seed) =>
    {
        using var scope = NewDisposeScope();
        manual_seed(seed);
        var logits = randn(rows, vocabulary) * 5;
        var targets = Enumerable.Range(0, rows).Select(row => row * 7 % vocabulary).ToArray();
        var expected = nn.functional.log_softmax(logits.to(float64), -1);
        var found = LogitRows.LogProbabilities(logits, targets);
        for (var row = 0; row < rows; row++)
            Assert.Equal(expected[row, targets[row]].item<double>(), found[row], 2e-6);
    }, iter: 40);

    [Fact]
    public void ArgMax_TiesAndNaN_LowestIdWinsAndNaNNever()
    {
        using var logits = tensor(new[] { 1f, 3f, 3f, float.NaN, 2f, 2f, 2f, 1f }).view(2, 4);
        Assert.Equal([1, 0], LogitRows.ArgMax(logits));
    }

    [Fact]
    public void AreFinite_RowsWithNaNOrInfinity_AreNamed()
    {
        using var scope = NewDisposeScope();
        var values = zeros(3, 21);
        values[1, 20] = float.PositiveInfinity;
        values[2, 3] = float.NaN;
        Assert.Equal([true, false, false], LogitRows.AreFinite(values));
    }

    [Fact]
    public void KullbackLeibler_KnownDistributions_IsTheirDivergence()
    {
        using var p = tensor(new[] { MathF.Log(0.5f), MathF.Log(0.5f) }).view(1, 2);
        using var q = tensor(new[] { MathF.Log(0.25f), MathF.Log(0.75f) }).view(1, 2);
        Assert.Equal((0.5 * Math.Log(2)) + (0.5 * Math.Log(2.0 / 3)), LogitRows.KullbackLeibler(p, 0, q, 0), 1e-6);
        Assert.Equal(0, LogitRows.KullbackLeibler(p, 0, p, 0));
    }

    [Theory]
    [InlineData(-100f)]
    [InlineData(-20f)]
    [InlineData(-1f)]
    [InlineData(0f)]
    [InlineData(0.5f)]
    [InlineData(19.9f)]
    [InlineData(20.1f)]
    [InlineData(80f)]
    public void Elementwise_Values_AreTheFunctions(float x)
    {
        using var input = torch.full(1, 5, x);
        using var softplus = Elementwise.Softplus(input);
        using var silu = Elementwise.SiLU(input);
        var expectedSoftplus = x > 20 ? x : Math.Log(1 + Math.Exp(x));
        Assert.Equal(expectedSoftplus, softplus[0, 4].item<float>(), Math.Max(1e-37, Math.Abs(expectedSoftplus) * 1e-6));
        Assert.Equal(x / (1 + Math.Exp(-x)), silu[0, 4].item<float>(), Math.Max(1e-36, Math.Abs(x) * 1e-6));
    }
}
