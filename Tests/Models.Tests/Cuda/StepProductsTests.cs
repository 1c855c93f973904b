using Sweep.Models.Cuda;
using Xunit;

namespace Sweep.Models.Tests.Cuda;

public sealed class StepProductsTests
{
    /// <summary>Tiles, threads, rows and chunk of in_proj and out_proj of the published 130m and 370m, and of a model's as small as tests have.</summary>
    [Theory]
    [InlineData(3072, 768, 3, 256, 64, 4)]
    [InlineData(768, 1536, 3, 512, 32, 2)]
    [InlineData(4096, 1024, 4, 512, 64, 1)]
    [InlineData(1024, 2048, 2, 512, 32, 2)]
    [InlineData(16, 32, 2, 256, 32, 2)]
    public void Shape_OfAFittingProduct_HoldsItsWeightsAndSums(int outputs, int inputs, int tiles, int threads, int rows, int chunk)
    {
        Assert.Equal(new StepProducts.Shape(tiles, threads, rows, chunk), StepProducts.ShapeOf(outputs, inputs));
        Assert.Equal(0, outputs % (8 * tiles));
        Assert.Equal(0, rows % (16 * chunk));
        Assert.True(threads / 32 * chunk * 16 * tiles * 8 * sizeof(float) <= 48 << 10);
    }

    [Theory]
    [InlineData(8192, 2048)]
    [InlineData(1536, 48)]
    [InlineData(24, 4096)]
    [InlineData(20, 64)]
    public void Shape_OfAProductTooLargeOrOfOddSizes_IsNone(int outputs, int inputs) => Assert.Null(StepProducts.ShapeOf(outputs, inputs));
}
