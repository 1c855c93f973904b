using CsCheck;
using Sweep.Models.Kernels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Kernels;

[Trait("Category", "Kernels")]
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
    }, iter: 60, threads: 1);

    [Fact]
    public void Norm_RandomShapes_AgreesWithTheReference() => Shapes.Sample(shape =>
    {
        using var scope = NewDisposeScope();
        manual_seed(shape.Seed);
        var x = randn(shape.Rows, shape.Length, shape.Width) * 10;
        var weight = randn(shape.Width);
        Assert.InRange((RmsNorm.Run(x, weight, 1e-5) - RmsNorm.Reference(x, weight, 1e-5)).abs().max().item<float>(), 0, 1e-4);
    }, iter: 40, threads: 1);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public unsafe void FiniteNumbers_OneThatIsNot_IsFoundAnywhere(float value)
    {
        var values = new float[37];
        Array.Fill(values, float.MaxValue);
        fixed (float* first = values)
        {
            Assert.True(FiniteNumbers.All(first, values.Length));
            Assert.True(FiniteNumbers.All(first, 0));
            for (var at = 0; at < values.Length; at++)
            {
                values[at] = value;
                Assert.False(FiniteNumbers.All(first, values.Length));
                Assert.True(FiniteNumbers.All(first, at));
                values[at] = float.MinValue;
            }
        }
    }

    [Fact]
    public void Norm_RowWithNaN_IsNaNAndTheOthersAreNot()
    {
        using var scope = NewDisposeScope();
        var x = randn(3, 21);
        x[1, 20] = float.NaN;
        var normal = RmsNorm.Run(x, torch.ones(21), 1e-5);
        Assert.Equal([false, true, false], normal.isnan().all(1).data<bool>().ToArray());
        Assert.Equal([true, false, true], normal.isfinite().all(1).data<bool>().ToArray());
    }

    [Fact]
    public void Run_ShapesThatDoNotFit_AreRefused()
    {
        using var scope = NewDisposeScope();
        var (h, weight, bias, state) = (randn(2, 5, 8), randn(4, 8), randn(8), zeros(2, 4, 8));
        void Refused(string name, Action run) => Assert.StartsWith(name, Assert.Throws<ArgumentException>(run).Message);
        Refused("weight: found [4, 7], expected [4, 8]", () => CausalConvolution.Run(h, randn(4, 7), bias, state));
        Refused("bias: found [9], expected [8]", () => CausalConvolution.Run(h, weight, randn(9), state));
        Refused("state: found [2, 3, 8], expected [2, 4, 8]", () => CausalConvolution.Run(h, weight, bias, zeros(2, 3, 8)));
        Refused("state: expected a contiguous tensor", () => CausalConvolution.Run(h, weight, bias, zeros(2, 4, 16).narrow(2, 0, 8)));
        Refused("h: found Float64", () => CausalConvolution.Run(h.to(float64), weight, bias, state));
        Refused("h: the last axis has stride 5", () => CausalConvolution.Run(randn(2, 8, 5).transpose(1, 2), weight, bias, state));
        Refused("spans of 2 rows and 6 positions", () => CausalConvolution.Run(h, weight, bias, state, TokenSpans.Full(2, 6)));
        Refused("weight: found [7], expected [8]", () => RmsNorm.Run(h, randn(7), 1e-5));
    }

    [Theory]
    [InlineData(float.NegativeInfinity)]
    [InlineData(-1e30f)]
    [InlineData(-100f)]
    [InlineData(-87f)]
    [InlineData(-20f)]
    [InlineData(-1f)]
    [InlineData(0f)]
    [InlineData(0.5f)]
    [InlineData(19.9f)]
    [InlineData(20.1f)]
    [InlineData(80f)]
    [InlineData(1e30f)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NaN)]
    public void Elementwise_Values_AreTheFunctions(float x)
    {
        using var input = torch.full(1, 5, x);
        using var softplus = Elementwise.Softplus(input);
        using var silu = Elementwise.SiLU(input);
        // As torch has them: SiLU of −infinity is −∞ · 0, no number.
        var expectedSoftplus = nn.functional.softplus(input.to(float64), 1, 20)[0, 4].item<double>();
        var expectedSilu = nn.functional.silu(input)[0, 4].item<float>();
        AssertNear(expectedSoftplus, softplus[0, 4].item<float>(), 1e-37);
        AssertNear(expectedSilu, silu[0, 4].item<float>(), 1e-36);
    }

    private static void AssertNear(double expected, double found, double smallest)
    {
        if (double.IsFinite(expected))
            Assert.Equal(expected, found, Math.Max(smallest, Math.Abs(expected) * 1e-6));
        else
            Assert.Equal(expected, found);
    }
}
