using System.Numerics;
using static TorchSharp.torch;

namespace Sweep.Models.Cuda;

/// <summary>
/// y = x Wᵀ + bias through cuBLASLt on the context's stream, with one workspace of fixed size. Counts of rows go by buckets, two to a power of two: what the library chooses for a bucket's
/// largest serves them all, for choosing costs more than a small product, every kernel of the library that is met for the first time is loaded and stays in the host's memory, and micro-batches
/// come in any size. Not thread-safe, like the device's thread.
/// </summary>
internal sealed unsafe class MatrixProducts : IDisposable
{
    private const long WorkspaceBytes = 32L << 20;

    /// <summary>Beyond so many all are chosen anew. Each keeps about a kilobyte of the host's memory.</summary>
    private const int MostShapes = 1024;

    /// <summary>No kernel of the library asks for more: an address that happens to be a multiple of it is no shape of its own.</summary>
    private const uint MostAlignment = 16;

    private readonly CudaContext _context;
    private readonly Dictionary<Shape, Choice> _choices = [];
    private readonly Tensor _workspace;
    private readonly nint _workspaceAddress;
    private readonly nint _handle;
    private readonly bool _tf32;

    /// <param name="tf32">fp32 factors are rounded to tf32.</param>
    public MatrixProducts(CudaContext context, Device device, bool tf32)
    {
        (_context, _tf32) = (context, tf32);
        context.Enter();
        nint handle;
        CublasLt.Check(CublasLt.Api.Create(&handle), "cublasLtCreate");
        _handle = handle;
        _workspace = empty([WorkspaceBytes], uint8, device).DetachFromDisposeScope();
        _workspaceAddress = DevicePointer.Of(_workspace);
    }

    /// <param name="x">[rows, inputs] of weight's dtype, last axis contiguous.</param>
    /// <param name="weight">[outputs, inputs], contiguous.</param>
    /// <param name="bias">[outputs] of y's dtype or null.</param>
    /// <param name="y">[rows, outputs], contiguous: weight's dtype or fp32.</param>
    public void Multiply(Tensor x, Tensor weight, Tensor? bias, Tensor y)
    {
        var (m, n, k) = (weight.shape[0], x.shape[0], weight.shape[1]);
        Multiply(DevicePointer.Of(x), n, n == 1 ? k : x.stride(0), DevicePointer.Of(weight), m, k, weight.dtype, DevicePointer.OrNull(bias), DevicePointer.Of(y), y.dtype);
    }

    /// <summary>The same of addresses: n rows of k values, rows of x <paramref name="stride"/> apart, give n rows of m.</summary>
    /// <param name="like">Of a larger product these are some outputs and rows: computed as that would be, where it can be. Null: they are all.</param>
    public void Multiply(nint x, long n, long stride, nint weight, long m, long k, ScalarType type, nint bias, nint y, ScalarType result, (long M, long N)? like = null)
    {
        if (m == 0 || n == 0)
            return;
        var (likeM, likeN) = like ?? (m, n);
        var shape = new Shape(m, k, likeM, Bucket(likeN, 2), stride, TypeOf(type), TypeOf(result), bias != 0, Alignment(weight), Alignment(x), Alignment(y));
        var error = Find(shape).Multiply(n, weight, x, bias, y, _workspaceAddress, _context.Stream);
        // What serves the bucket's largest need not serve these.
        if (error is CublasLt.NotSupported or CublasLt.InvalidValue)
            error = Find(shape with { LikeM = m, Bucket = n }).Multiply(n, weight, x, bias, y, _workspaceAddress, _context.Stream);
        CublasLt.Check(error, "cublasLtMatmul");
    }

    public void Dispose()
    {
        Clear();
        _ = CublasLt.Api.Destroy(_handle);
        _workspace.Dispose();
    }

    /// <summary>The least bucket that holds so many rows: each count up to twice <paramref name="parts"/>, then as many to a power of two; of 2 these are 1 to 4, 6, 8, 12, 16, 24 …</summary>
    internal static long Bucket(long rows, int parts)
    {
        if (rows <= 2 * parts)
            return rows;
        var step = (1L << BitOperations.Log2((ulong)(rows - 1))) / parts;
        return (rows + step - 1) / step * step;
    }

    private Choice Find(Shape shape)
    {
        if (_choices.TryGetValue(shape, out var known))
            return known;
        if (_choices.Count >= MostShapes)
            Clear();
        return _choices[shape] = new Choice(_handle, shape, _tf32 ? CublasLt.Compute32FastTf32 : CublasLt.Compute32);
    }

    private static int TypeOf(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => CublasLt.Real32,
        ScalarType.BFloat16 => CublasLt.BFloat16,
        ScalarType.Float16 => CublasLt.Real16,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "expected Float32, Float16 or BFloat16"),
    };

    /// <summary>Bytes that the address is a multiple of, as far as it matters.</summary>
    private static uint Alignment(nint address) => Math.Min(MostAlignment, 1u << BitOperations.TrailingZeroCount((int)address | (1 << 30)));

    private void Clear()
    {
        foreach (var choice in _choices.Values)
            choice.Dispose();
        _choices.Clear();
    }

    /// <summary>Everything that the choice depends on; column-major: M outputs of LikeM, K inputs.</summary>
    /// <param name="Bucket">Of the rows of which these may be some: what is chosen for.</param>
    private readonly record struct Shape(long M, long K, long LikeM, long Bucket, long StrideOfB, int Type, int Result, bool Biased, uint AlignmentA, uint AlignmentB, uint AlignmentD);

    /// <summary>Descriptors and algorithm of one shape. Row-major W [m, k] is column-major [k, m], hence transposed.</summary>
    private sealed class Choice : IDisposable
    {
        private readonly nint _handle, _product, _a, _b, _d;
        private readonly bool _biased;
        private CublasLt.Heuristic _found;
        private long _rows;

        public Choice(nint handle, Shape shape, int compute)
        {
            var api = CublasLt.Api;
            nint product, a, b, d, preference;
            (_handle, _biased, _rows) = (handle, shape.Biased, shape.Bucket);
            CublasLt.Check(api.ProductCreate(&product, shape.Type == CublasLt.Real32 ? compute : CublasLt.Compute32, CublasLt.Real32), "cublasLtMatmulDescCreate");
            Set(product, CublasLt.TransposeA, CublasLt.Transpose);
            if (shape.Biased)
                Set(product, CublasLt.Epilogue, CublasLt.EpilogueBias);
            Layouts(shape, shape.M, &a, &b, &d);
            CublasLt.Check(api.PreferenceCreate(&preference), "cublasLtMatmulPreferenceCreate");
            var workspace = (nuint)WorkspaceBytes;
            CublasLt.Check(api.PreferenceSet(preference, CublasLt.PreferredWorkspaceBytes, &workspace, (nuint)sizeof(nuint)), "cublasLtMatmulPreferenceSetAttribute");
            Align(preference, CublasLt.PreferredAlignmentOfA, shape.AlignmentA);
            Align(preference, CublasLt.PreferredAlignmentOfB, shape.AlignmentB);
            Align(preference, CublasLt.PreferredAlignmentOfC, shape.AlignmentD);
            Align(preference, CublasLt.PreferredAlignmentOfD, shape.AlignmentD);
            var count = 0;
            var result = 0;
            CublasLt.Heuristic found = default;
            if (shape.LikeM != shape.M)
            {
                nint largeA, largeB, largeD;
                Layouts(shape, shape.LikeM, &largeA, &largeB, &largeD);
                result = api.Heuristics(handle, product, largeA, largeB, largeD, largeD, preference, 1, &found, &count);
                CublasLt.Heuristic here;
                if (result == 0 && count > 0 && (api.AlgorithmCheck(handle, product, a, b, d, d, found.Algorithm, &here) != 0 || here.WorkspaceBytes > workspace))
                    count = 0;
                foreach (var layout in (nint[])[largeA, largeB, largeD])
                    _ = api.LayoutDestroy(layout);
            }

            if (count == 0)
                result = api.Heuristics(handle, product, a, b, d, d, preference, 1, &found, &count);
            _ = api.PreferenceDestroy(preference);
            (_product, _a, _b, _d, _found) = (product, a, b, d, found);
            if (result == 0 && count > 0)
                return;
            Dispose();
            throw new CudaException($"cublasLtMatmulAlgoGetHeuristic: error {result}, found no algorithm for {shape}");
        }

        /// <summary>So many rows on the stream: cuBLASLt's error, 0 for none.</summary>
        public int Multiply(long rows, nint weight, nint x, nint bias, nint y, nint workspace, nint stream)
        {
            var api = CublasLt.Api;
            if (rows != _rows)
            {
                foreach (var layout in (ReadOnlySpan<nint>)[_b, _d])
                    CublasLt.Check(api.LayoutSet(layout, CublasLt.LayoutColumns, &rows, sizeof(long)), "cublasLtMatrixLayoutSetAttribute");
                _rows = rows;
            }

            if (_biased)
                CublasLt.Check(api.ProductSet(_product, CublasLt.BiasPointer, &bias, (nuint)sizeof(nint)), "cublasLtMatmulDescSetAttribute");
            float one = 1, zero = 0;
            fixed (ulong* algorithm = _found.Algorithm)
                return api.Multiply(_handle, _product, &one, (void*)weight, _a, (void*)x, _b, &zero, (void*)y, _d, (void*)y, _d, algorithm, (void*)workspace, (nuint)WorkspaceBytes, stream);
        }

        public void Dispose()
        {
            _ = CublasLt.Api.LayoutDestroy(_a);
            _ = CublasLt.Api.LayoutDestroy(_b);
            _ = CublasLt.Api.LayoutDestroy(_d);
            _ = CublasLt.Api.ProductDestroy(_product);
        }

        private static void Layouts(Shape shape, long m, nint* a, nint* b, nint* d)
        {
            var api = CublasLt.Api;
            CublasLt.Check(api.LayoutCreate(a, shape.Type, (ulong)shape.K, (ulong)m, shape.K), "cublasLtMatrixLayoutCreate");
            CublasLt.Check(api.LayoutCreate(b, shape.Type, (ulong)shape.K, (ulong)shape.Bucket, shape.StrideOfB), "cublasLtMatrixLayoutCreate");
            CublasLt.Check(api.LayoutCreate(d, shape.Result, (ulong)m, (ulong)shape.Bucket, m), "cublasLtMatrixLayoutCreate");
        }

        private static void Align(nint preference, int attribute, uint bytes) =>
            CublasLt.Check(CublasLt.Api.PreferenceSet(preference, attribute, &bytes, sizeof(uint)), "cublasLtMatmulPreferenceSetAttribute");

        private static void Set(nint product, int attribute, int value) =>
            CublasLt.Check(CublasLt.Api.ProductSet(product, attribute, &value, sizeof(int)), "cublasLtMatmulDescSetAttribute");
    }
}
