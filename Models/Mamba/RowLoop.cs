using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;

namespace Sweep.Models.Mamba;

/// <summary>Loops over independent pieces of work on at most torch's own number of threads, and the raw values under CPU tensors.</summary>
internal static partial class RowLoop
{
    /// <summary>Below this many values a second thread costs more than it brings.</summary>
    private const long SmallWork = 16_384;

    public static void Run(int count, long valuesEach, Action<int> body)
    {
        var threads = torch.get_num_threads();
        if (threads <= 1 || count <= 1 || count * valuesEach < SmallWork)
        {
            for (var i = 0; i < count; i++)
                body(i);
            return;
        }

        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, body);
    }

    /// <summary>First value of a CPU fp32 tensor whose last axis is contiguous; the tensor must outlive the pointer.</summary>
    public static unsafe float* Values(torch.Tensor tensor)
    {
        if (tensor.dtype != torch.ScalarType.Float32 || tensor.device_type != DeviceType.CPU)
            throw new ArgumentException($"a {tensor.dtype} tensor on {tensor.device_type}; the CPU kernels take fp32 on the CPU");
        if (tensor.dim() > 0 && tensor.shape[^1] > 1 && tensor.stride((int)tensor.dim() - 1) != 1)
            throw new ArgumentException("the last axis is not contiguous");
        return (float*)THSTensor_data(tensor.Handle);
    }

    /// <summary>The first values of a vector's worth, zeros after them.</summary>
    public static unsafe Vector512<float> Load(float* from, int count)
    {
        if (count >= Vector512<float>.Count)
            return Vector512.Load(from);
        var values = stackalloc float[Vector512<float>.Count];
        for (var i = 0; i < Vector512<float>.Count; i++)
            values[i] = i < count ? from[i] : 0;
        return Vector512.Load(values);
    }

    public static unsafe void Store(Vector512<float> value, float* to, int count)
    {
        if (count >= Vector512<float>.Count)
        {
            value.Store(to);
            return;
        }

        for (var i = 0; i < count; i++)
            to[i] = value[i];
    }

    [LibraryImport("LibTorchSharp")]
    private static partial IntPtr THSTensor_data(IntPtr handle);
}
