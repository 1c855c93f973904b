using System.Numerics;
using static TorchSharp.torch;

namespace Sweep.Models.Cuda;

/// <summary>
/// y = x Wᵀ + bias through cuBLASLt on the context's stream, with one workspace of fixed size. What the library chooses for a shape is kept: choosing costs more than a small product.
/// Not thread-safe, like the device's thread.
/// </summary>
internal sealed unsafe class MatrixProducts : IDisposable
{
    private const long WorkspaceBytes = 32L << 20;

    /// <summary>Shapes differ by what is packed together; beyond so many all are chosen anew. Each keeps about a kilobyte of the host's memory.</summary>
    private const int MostShapes = 1024;

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
        var shape = new Shape(m, n, k, likeM, likeN, stride, TypeOf(type), TypeOf(result), bias != 0, Alignment(weight), Alignment(x), Alignment(y));
        if (!_choices.TryGetValue(shape, out var choice))
        {
            if (_choices.Count >= MostShapes)
                Clear();
            _choices[shape] = choice = new Choice(_handle, shape, _tf32 ? CublasLt.Compute32FastTf32 : CublasLt.Compute32);
        }

        if (bias != 0)
            CublasLt.Check(CublasLt.Api.ProductSet(choice.Product, CublasLt.BiasPointer, &bias, (nuint)sizeof(nint)), "cublasLtMatmulDescSetAttribute");

        float one = 1, zero = 0;
        var algorithm = choice.Found;
        CublasLt.Check(
            CublasLt.Api.Multiply(
                _handle, choice.Product, &one, (void*)weight, choice.A, (void*)x, choice.B, &zero, (void*)y, choice.D, (void*)y, choice.D, algorithm.Algorithm,
                (void*)_workspaceAddress, (nuint)WorkspaceBytes, _context.Stream),
            "cublasLtMatmul");
    }

    public void Dispose()
    {
        Clear();
        _ = CublasLt.Api.Destroy(_handle);
        _workspace.Dispose();
    }

    private static int TypeOf(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => CublasLt.Real32,
        ScalarType.BFloat16 => CublasLt.BFloat16,
        ScalarType.Float16 => CublasLt.Real16,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "expected Float32, Float16 or BFloat16"),
    };

    /// <summary>Bytes that the address is a multiple of, 256 at most.</summary>
    private static uint Alignment(nint address) => 1u << Math.Min(8, BitOperations.TrailingZeroCount(address));

    private void Clear()
    {
        foreach (var choice in _choices.Values)
            choice.Dispose();
        _choices.Clear();
    }

    /// <summary>Everything that the choice depends on; column-major: m outputs, n rows, k inputs.</summary>
    private readonly record struct Shape(long M, long N, long K, long LikeM, long LikeN, long StrideOfB, int Type, int Result, bool Biased, uint AlignmentA, uint AlignmentB, uint AlignmentD);

    /// <summary>Descriptors and algorithm of one shape. Row-major W [m, k] is column-major [k, m], hence transposed.</summary>
    private sealed class Choice : IDisposable
    {
        public readonly nint Product, A, B, D;
        public readonly CublasLt.Heuristic Found;

        public Choice(nint handle, Shape shape, int compute)
        {
            var api = CublasLt.Api;
            nint product, a, b, d, preference;
            CublasLt.Check(api.ProductCreate(&product, shape.Type == CublasLt.Real32 ? compute : CublasLt.Compute32, CublasLt.Real32), "cublasLtMatmulDescCreate");
            Set(product, CublasLt.TransposeA, CublasLt.Transpose);
            if (shape.Biased)
                Set(product, CublasLt.Epilogue, CublasLt.EpilogueBias);
            Layouts(shape, shape.M, shape.N, &a, &b, &d);
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
            if ((shape.LikeM, shape.LikeN) != (shape.M, shape.N))
            {
                nint largeA, largeB, largeD;
                Layouts(shape, shape.LikeM, shape.LikeN, &largeA, &largeB, &largeD);
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
            (Product, A, B, D, Found) = (product, a, b, d, found);
            if (result == 0 && count > 0)
                return;
            Dispose();
            throw new CudaException($"cublasLtMatmulAlgoGetHeuristic: error {result}, found no algorithm for {shape}");
        }

        public void Dispose()
        {
            _ = CublasLt.Api.LayoutDestroy(A);
            _ = CublasLt.Api.LayoutDestroy(B);
            _ = CublasLt.Api.LayoutDestroy(D);
            _ = CublasLt.Api.ProductDestroy(Product);
        }

        private static void Layouts(Shape shape, long m, long n, nint* a, nint* b, nint* d)
        {
            var api = CublasLt.Api;
            CublasLt.Check(api.LayoutCreate(a, shape.Type, (ulong)shape.K, (ulong)m, shape.K), "cublasLtMatrixLayoutCreate");
            CublasLt.Check(api.LayoutCreate(b, shape.Type, (ulong)shape.K, (ulong)n, shape.StrideOfB), "cublasLtMatrixLayoutCreate");
            CublasLt.Check(api.LayoutCreate(d, shape.Result, (ulong)m, (ulong)n, m), "cublasLtMatrixLayoutCreate");
        }

        private static void Align(nint preference, int attribute, uint bytes) =>
            CublasLt.Check(CublasLt.Api.PreferenceSet(preference, attribute, &bytes, sizeof(uint)), "cublasLtMatmulPreferenceSetAttribute");

        private static void Set(nint product, int attribute, int value) =>
            CublasLt.Check(CublasLt.Api.ProductSet(product, attribute, &value, sizeof(int)), "cublasLtMatmulDescSetAttribute");
    }
}
