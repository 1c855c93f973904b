using System.Runtime.InteropServices;
using System.Text;

namespace Sweep.Execution.Devices;

/// <summary>
/// What NVIDIA's driver says of its devices, asked without libtorch, which takes longer to load than a silo to start. Without a driver there are none.
/// </summary>
internal static partial class CudaDriver
{
    private const string Library = "libcuda.so.1";
    private const int Success = 0;

    public static int Count() => IsThere() && CuDeviceGetCount(out var count) == Success ? count : 0;

    /// <summary>Null: there is no such device.</summary>
    public static (string Name, long MemoryBytes)? Describe(int ordinal)
    {
        if (!IsThere() || CuDeviceGet(out var device, ordinal) != Success || CuDeviceTotalMem(out var bytes, device) != Success)
            return null;
        Span<byte> name = stackalloc byte[256];
        if (CuDeviceGetName(ref MemoryMarshal.GetReference(name), name.Length, device) != Success)
            name.Clear();
        return (Encoding.UTF8.GetString(name[..Math.Max(0, name.IndexOf((byte)0))]), (long)bytes);
    }

    private static bool IsThere()
    {
        try
        {
            return CuInit(0) == Success;
        }
        catch (DllNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport(Library, EntryPoint = "cuInit")]
    private static partial int CuInit(uint flags);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetCount")]
    private static partial int CuDeviceGetCount(out int count);

    [LibraryImport(Library, EntryPoint = "cuDeviceGet")]
    private static partial int CuDeviceGet(out int device, int ordinal);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetName")]
    private static partial int CuDeviceGetName(ref byte name, int length, int device);

    [LibraryImport(Library, EntryPoint = "cuDeviceTotalMem_v2")]
    private static partial int CuDeviceTotalMem(out nuint bytes, int device);
}
