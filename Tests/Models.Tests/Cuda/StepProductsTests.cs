using Sweep.Models.Cuda;
using Xunit;

namespace Sweep.Models.Tests.Cuda;

public sealed class StepProductsTests
{
    /// <summary>Tiles, threads, rows and chunk of in_proj and out_proj of the published 130m and 370m, and of a model's as small as tests have.</summary>
    [Theory]
    [InlineData(3072, 768, 3, 256, 64, 4)]
    [InlineData(768, 1536, 2, 256, 32, 2)]
    [InlineData(4096, 1024, 2, 256, 64, 4)]
    [InlineData(1024, 2048, 2, 512, 32, 2)]
    [InlineData(80, 1536, 1, 256, 16, 1)]
    [InlineData(16, 32, 1, 256, 16, 1)]
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
    [InlineData(24, 8192)]
    [InlineData(20, 64)]
    public void Shape_OfAProductTooLargeOrOfOddSizes_IsNone(int outputs, int inputs) => Assert.Null(StepProducts.ShapeOf(outputs, inputs));

    [Fact]
    public void Bucket_OfRows_IsTheLeastOfSomeToAPowerOfTwo()
    {
        long[] four = [1, 2, 3, 4, 5, 6, 7, 8, 10, 10, 12, 12, 14, 14, 16, 16, 20, 20, 20, 20, 24];
        long[] two = [1, 2, 3, 4, 6, 6, 8, 8, 12, 12, 12, 12, 16, 16, 16, 16, 24, 24, 24, 24, 24];
        Assert.Equal(four, Enumerable.Range(1, four.Length).Select(rows => MatrixProducts.Bucket(rows, 4)));
        Assert.Equal(two, Enumerable.Range(1, two.Length).Select(rows => MatrixProducts.Bucket(rows, 2)));
        Assert.Equal([32768, 40960, 1280, 655360], new long[] { 64 * 512, (64 * 512) + 1, 1088, 1088 * 512 }.Select(rows => MatrixProducts.Bucket(rows, 4)));
        Assert.Equal([32768, 49152, 1536, 786432], new long[] { 64 * 512, (64 * 512) + 1, 1088, 1088 * 512 }.Select(rows => MatrixProducts.Bucket(rows, 2)));
    }
}
