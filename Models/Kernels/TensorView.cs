using System.Runtime.InteropServices;
using TorchSharp;

namespace Sweep.Models.Kernels;

/// <summary>
/// Raw access to an fp32 CPU tensor whose last axis is contiguous: a pointer, and the strides of the axes before it. Kernels read halves and slices of
/// projections through it without copying them.
/// </summary>
internal readonly unsafe struct TensorView
{
    private TensorView(torch.Tensor tensor, long[] shape, long[] strides)
    {
        Data = (float*)THSTensor_data(tensor.Handle);
        Shape = shape;
        Strides = strides;
    }

    public float* Data { get; }

    public long[] Shape { get; }

    public long[] Strides { get; }

    public int Width => (int)Shape[^1];

    /// <summary>A view of a tensor of this rank; the tensor must outlive it.</summary>
    public static TensorView Of(torch.Tensor tensor, int rank, string name)
    {
        if (tensor.dtype != torch.ScalarType.Float32 || tensor.device_type != DeviceType.CPU)
            throw new ArgumentException($"{name}: found {tensor.dtype} on {tensor.device_type}, expected Float32 on CPU");
        var shape = tensor.shape;
        var strides = tensor.stride();
        if (shape.Length != rank)
            throw new ArgumentException($"{name}: found {shape.Length} axes, expected {rank}");
        if (shape[^1] > 1 && strides[^1] != 1)
            throw new ArgumentException($"{name}: the last axis has stride {strides[^1]}, expected 1");
        return new TensorView(tensor, shape, strides);
    }

    /// <summary>A view of a tensor of this shape; a kernel reads past the end of any other.</summary>
    public static TensorView Of(torch.Tensor tensor, string name, params ReadOnlySpan<long> shape)
    {
        var view = Of(tensor, shape.Length, name);
        return view.Shape.AsSpan().SequenceEqual(shape)
            ? view
            : throw new ArgumentException($"{name}: found [{string.Join(", ", view.Shape)}], expected [{string.Join(", ", shape.ToArray())}]");
    }

    /// <summary>First value of an fp32 CPU tensor whose last axis is contiguous; the tensor must outlive the pointer.</summary>
    public static float* Pointer(torch.Tensor tensor) => Of(tensor, (int)tensor.dim(), "tensor").Data;

    /// <summary>Start of row i of the first axis (rank 2), or of (i, j) of the first two (rank 3).</summary>
    public float* At(long i, long j = 0) => Strides.Length > 2 ? Data + (i * Strides[0]) + (j * Strides[1]) : Data + (i * Strides[0]);

    // The pointer includes the storage offset; TorchSharp keeps its own binding internal.
    [DllImport("LibTorchSharp")]
    private static extern IntPtr THSTensor_data(IntPtr handle);
}
