using System.Runtime.InteropServices;
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

    [LibraryImport("LibTorchSharp")]
    private static partial IntPtr THSTensor_data(IntPtr handle);
}
