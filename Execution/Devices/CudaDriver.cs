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
    private const int CapabilityMajor = 75;
    private const int CapabilityMinor = 76;

    public static int Count() => IsThere() && CuDeviceGetCount(out var count) == Success ? count : 0;

    /// <summary>Why there are none, in a few words; null: there are some.</summary>
    public static string? WhyNone()
    {
        try
        {
            var result = CuInit(0);
            if (result == Success && CuDeviceGetCount(out var count) == Success && count > 0)
                return null;
            var hidden = Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES");
            return $"an NVIDIA driver ({Library}) that has no device{(result == Success ? "" : $" (cuInit: error {result})")}{(hidden is null ? "" : $" with CUDA_VISIBLE_DEVICES='{hidden}'")}";
        }
        catch (DllNotFoundException)
        {
            return $"no NVIDIA driver ({Library} is nowhere that the loader looks)";
        }
    }

    /// <summary>The CUDA version that the driver serves, such as "13.0"; null: there is no driver.</summary>
    public static string? Version() => IsThere() && CuDriverGetVersion(out var version) == Success ? $"{version / 1000}.{version % 1000 / 10}" : null;

    /// <summary>Such as "9.0"; null: there is no such device.</summary>
    public static string? ComputeCapability(int ordinal) =>
        IsThere() && CuDeviceGet(out var device, ordinal) == Success && CuDeviceGetAttribute(out var major, CapabilityMajor, device) == Success
        && CuDeviceGetAttribute(out var minor, CapabilityMinor, device) == Success ? $"{major}.{minor}" : null;

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

    /// <summary>Bytes in use of the device whose context is the calling thread's; null: it has none.</summary>
    public static long? MemoryInUse() => IsThere() && CuMemGetInfo(out var free, out var total) == Success ? (long)(total - free) : null;

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

    [LibraryImport(Library, EntryPoint = "cuDriverGetVersion")]
    private static partial int CuDriverGetVersion(out int version);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetAttribute")]
    private static partial int CuDeviceGetAttribute(out int value, int attribute, int device);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetCount")]
    private static partial int CuDeviceGetCount(out int count);

    [LibraryImport(Library, EntryPoint = "cuDeviceGet")]
    private static partial int CuDeviceGet(out int device, int ordinal);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetName")]
    private static partial int CuDeviceGetName(ref byte name, int length, int device);

    [LibraryImport(Library, EntryPoint = "cuMemGetInfo_v2")]
    private static partial int CuMemGetInfo(out nuint free, out nuint total);

    [LibraryImport(Library, EntryPoint = "cuDeviceTotalMem_v2")]
    private static partial int CuDeviceTotalMem(out nuint bytes, int device);
}
