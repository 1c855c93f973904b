using static TorchSharp.torch;

namespace Sweep.Models.Cuda;

/// <summary>
/// y = x Wᵀ + bias in the storage dtype: for the few rows of a step of decoding in half dtypes by product.cu, where the weights are there before the rows are and a row's bits do not depend on
/// the others; where there are more rows, or a product is too large for that or of other sizes, by cuBLASLt.
/// </summary>
internal sealed class StepProducts(CudaKernels kernels, MatrixProducts products, ScalarType storage)
{
    /// <summary>Weights that all multiprocessors hold in registers at once.</summary>
    private const long MostWeights = 4L << 20;

    /// <summary>Groups of four registers that a thread has for weights.</summary>
    private const int MostHeld = 12;

    private const int MostSharedBytes = 48 << 10;
    private readonly Dictionary<(long Outputs, long Inputs, int Taps), (nint Kernel, Shape Shape)?> _found = [];

    /// <summary>Whether products with such a weight are computed here.</summary>
    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="convolved">So many outputs, the first, may go through the convolution.</param>
    public bool Takes(Tensor weight, long convolved = 0) => kernels.MultipliesHalves && ShapeOf(weight.shape[0], weight.shape[1]) is { } shape && convolved % (8 * shape.Tiles) == 0;

    /// <summary>[rows, length, k], positions <paramref name="stride"/> apart, and [m, k] give [rows, length, m].</summary>
    public void Multiply(nint x, long rows, long length, long stride, nint weight, long m, long k, nint bias, nint y)
    {
        if (!CudaKernels.AreFew(rows, length) || !TryMultiply(x, rows, stride, weight, m, k, bias, y))
            products.Multiply(x, rows * length, stride, weight, m, k, storage, bias, y, storage);
    }

    /// <summary>[rows, k] and [m, k] give [rows, m], whose first go through the convolution, where <see cref="Takes"/> says that they can.</summary>
    public void MultiplyAndConvolve(nint x, long rows, long stride, nint weight, long m, long k, nint bias, nint y, Convolution convolution)
    {
        if (!TryMultiply(x, rows, stride, weight, m, k, bias, y, convolution))
            throw new InvalidOperationException($"[{m}, {k}] does not fit the kernel of a step's products");
    }

    /// <summary>[rows, k] and [m, k] by product.cu alone, one position a row. False: nothing was computed.</summary>
    public bool TryMultiply(nint x, long rows, long stride, nint weight, long m, long k, nint bias, nint y, Convolution convolution = default)
    {
        if (!kernels.MultipliesHalves || stride % 8 != 0 || (x | weight | y) % 16 != 0)
            return false;
        if (!_found.TryGetValue((m, k, convolution.Count), out var found))
            _found[(m, k, convolution.Count)] = found = ShapeOf(m, k) is { } fitting ? (Kernel(fitting, k, convolution), fitting) : null;
        if (found is not var (kernel, shape))
            return false;
        if (rows == 0)
            return true;
        kernels.Context.LaunchOverlapping(
            kernel, (m / (8 * shape.Tiles), CudaKernels.Blocks(rows, shape.Rows), 1), shape.Threads,
            new ProductArguments
            {
                X = x,
                Weight = weight,
                Bias = bias,
                Y = y,
                Taps = convolution.Taps,
                TapsBias = convolution.Bias,
                Window = convolution.Window,
                Slots = convolution.Slots,
                Rows = (int)rows,
                XStep = (int)stride,
                Outputs = (int)m,
            });
        return true;
    }

    internal static Shape? ShapeOf(long outputs, long inputs)
    {
        if (inputs % 32 != 0 || outputs * inputs > MostWeights)
            return null;
        // Many outputs: a block has all rows of a usual batch; few: the rows are shared out, so that all multiprocessors have something to do.
        var rows = outputs >= 2048 ? 64 : outputs >= 256 ? 32 : 16;
        // Few threads first: two blocks find room on a multiprocessor.
        foreach (var warps in (int[])[8, 16])
        {
            foreach (var tiles in outputs >= 256 ? (int[])[3, 4, 2] : [1])
            {
                if (outputs % (8 * tiles) != 0 || tiles * CudaKernels.Blocks(inputs / 32, warps) > MostHeld)
                    continue;
                var chunk = 4;
                while (chunk > 1 && (chunk * 16 > rows || chunk * 16 * tiles * 8 * warps * sizeof(float) > MostSharedBytes))
                    chunk /= 2;
                return new(tiles, 32 * warps, rows, chunk);
            }
        }

        return null;
    }

    private nint Kernel(Shape shape, long inputs, Convolution convolution) => kernels.Product(
        $"INPUTS={inputs}", $"TILES={shape.Tiles}", $"THREADS={shape.Threads}", $"ROWS={shape.Rows}", $"CHUNK={shape.Chunk}", $"TAPS={convolution.Count}", $"WIDTH={convolution.Width}");

    /// <summary>What the first outputs go on through: a causal convolution of so many taps and SiLU, whose window is in the state.</summary>
    /// <param name="Taps">[count, width].</param>
    /// <param name="Bias">[width]; 0: none.</param>
    /// <param name="Window">[slots, count, width], updated.</param>
    /// <param name="Slots">Of the rows; 0: row i has the i-th.</param>
    internal readonly record struct Convolution(nint Taps, nint Bias, nint Window, nint Slots, int Width, int Count);

    /// <summary>Tiles of eight outputs and rows of a block, and how many sixteens of rows it takes at once.</summary>
    internal readonly record struct Shape(int Tiles, int Threads, int Rows, int Chunk);
}
