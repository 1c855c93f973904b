namespace Sweep.Models.Cuda;

/// <summary>The calls of cuBLASLt that matrix products need; libtorch has loaded it already.</summary>
internal static unsafe class CublasLt
{
    public const int Real32 = 0;
    public const int Real16 = 2;
    public const int BFloat16 = 14;

    public const int Compute32 = 68;
    public const int Compute32FastTf32 = 77;

    public const int TransposeA = 3;
    public const int Epilogue = 7;
    public const int BiasPointer = 8;
    public const int EpilogueBias = 4;
    public const int Transpose = 1;

    public const int LayoutColumns = 3;

    public const int InvalidValue = 7;
    public const int NotSupported = 15;

    public const int PreferredWorkspaceBytes = 1;
    public const int PreferredAlignmentOfA = 5;
    public const int PreferredAlignmentOfB = 6;
    public const int PreferredAlignmentOfC = 7;
    public const int PreferredAlignmentOfD = 8;

    private static readonly string[] Files = ["libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so"];
    private static readonly Lazy<Calls> Functions = new(() => new Calls(CudaLibrary.Load("cuBLASLt", Files)));

    /// <exception cref="CudaException">It is not there.</exception>
    public static Calls Api => Functions.Value;

    public static void Check(int result, string call)
    {
        if (result != 0)
            throw new CudaException($"{call}: error {result}");
    }

    /// <summary>An algorithm and what it needs, as the library writes it.</summary>
    public struct Heuristic
    {
        public fixed ulong Algorithm[8];
        public nuint WorkspaceBytes;
        public int State;
        public float Waves;
        public fixed int Reserved[4];
    }

    public sealed class Calls(nint library)
    {
        public readonly delegate* unmanaged<nint*, int> Create = (delegate* unmanaged<nint*, int>)CudaLibrary.Function(library, "cublasLtCreate");
        public readonly delegate* unmanaged<nint, int> Destroy = (delegate* unmanaged<nint, int>)CudaLibrary.Function(library, "cublasLtDestroy");
        public readonly delegate* unmanaged<nint*, int, int, int> ProductCreate = (delegate* unmanaged<nint*, int, int, int>)CudaLibrary.Function(library, "cublasLtMatmulDescCreate");
        public readonly delegate* unmanaged<nint, int, void*, nuint, int> ProductSet = (delegate* unmanaged<nint, int, void*, nuint, int>)CudaLibrary.Function(library, "cublasLtMatmulDescSetAttribute");
        public readonly delegate* unmanaged<nint, int> ProductDestroy = (delegate* unmanaged<nint, int>)CudaLibrary.Function(library, "cublasLtMatmulDescDestroy");
        public readonly delegate* unmanaged<nint*, int, ulong, ulong, long, int> LayoutCreate =
            (delegate* unmanaged<nint*, int, ulong, ulong, long, int>)CudaLibrary.Function(library, "cublasLtMatrixLayoutCreate");
        public readonly delegate* unmanaged<nint, int, void*, nuint, int> LayoutSet =
            (delegate* unmanaged<nint, int, void*, nuint, int>)CudaLibrary.Function(library, "cublasLtMatrixLayoutSetAttribute");
        public readonly delegate* unmanaged<nint, int> LayoutDestroy = (delegate* unmanaged<nint, int>)CudaLibrary.Function(library, "cublasLtMatrixLayoutDestroy");
        public readonly delegate* unmanaged<nint*, int> PreferenceCreate = (delegate* unmanaged<nint*, int>)CudaLibrary.Function(library, "cublasLtMatmulPreferenceCreate");
        public readonly delegate* unmanaged<nint, int, void*, nuint, int> PreferenceSet =
            (delegate* unmanaged<nint, int, void*, nuint, int>)CudaLibrary.Function(library, "cublasLtMatmulPreferenceSetAttribute");
        public readonly delegate* unmanaged<nint, int> PreferenceDestroy = (delegate* unmanaged<nint, int>)CudaLibrary.Function(library, "cublasLtMatmulPreferenceDestroy");
        public readonly delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, int, Heuristic*, int*, int> Heuristics =
            (delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, int, Heuristic*, int*, int>)CudaLibrary.Function(library, "cublasLtMatmulAlgoGetHeuristic");
        public readonly delegate* unmanaged<nint, nint, nint, nint, nint, nint, ulong*, Heuristic*, int> AlgorithmCheck =
            (delegate* unmanaged<nint, nint, nint, nint, nint, nint, ulong*, Heuristic*, int>)CudaLibrary.Function(library, "cublasLtMatmulAlgoCheck");
        public readonly delegate* unmanaged<nint, nint, float*, void*, nint, void*, nint, float*, void*, nint, void*, nint, ulong*, void*, nuint, nint, int> Multiply =
            (delegate* unmanaged<nint, nint, float*, void*, nint, void*, nint, float*, void*, nint, void*, nint, ulong*, void*, nuint, nint, int>)CudaLibrary.Function(library, "cublasLtMatmul");
    }
}
