using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Sweep.Models.Cuda;

/// <summary>Where a tensor's first value lies on its device; the tensor must outlive the address.</summary>
internal static class DevicePointer
{
    public static nint Of(Tensor tensor) => THSTensor_data(tensor.Handle);

    public static nint OrNull(Tensor? tensor) => tensor is null ? 0 : THSTensor_data(tensor.Handle);

    // The pointer includes the storage offset; TorchSharp keeps its own binding internal.
    [DllImport("LibTorchSharp")]
    private static extern nint THSTensor_data(nint handle);
}
