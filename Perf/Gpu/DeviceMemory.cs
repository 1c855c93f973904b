using System.Globalization;
using System.Runtime.InteropServices;
using Sweep.Models.Cuda;
using static TorchSharp.torch;

namespace Sweep.Perf.Gpu;

/// <summary>What is in use of a CUDA device's memory and of the host's, and a way to leave torch little of the former.</summary>
internal static partial class DeviceMemory
{
    private const string Library = "libcuda.so.1";

    /// <summary>Bytes of the device in use once torch has given its cache back; 0 without a device.</summary>
    public static long Live(Device device)
    {
        if (device.type != TorchSharp.DeviceType.CUDA)
            return 0;
        var (free, total) = Flush(device);
        return total - free;
    }

    /// <summary>Bytes of this process that are resident, after the managed heap was collected and malloc has given back what is free.</summary>
    public static long Host()
    {
        for (var round = 0; round < 2; round++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        _ = Trim(0);
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }

    /// <summary>Takes all of the device's memory but so many bytes, beside torch; give the address back to <see cref="Release"/>.</summary>
    public static ulong TakeAllBut(Device device, long bytes)
    {
        var (free, _) = Flush(device);
        CudaDriverApi.Check(Allocate(out var address, (nuint)Math.Max(1, free - bytes)), "cuMemAlloc");
        return address;
    }

    public static void Release(ulong address) => CudaDriverApi.Check(Free(address), "cuMemFree");

    /// <summary>Asks torch for what no device has: before it says so, it gives back what it keeps for later.</summary>
    private static (long Free, long Total) Flush(Device device)
    {
        cuda.synchronize();
        CudaDriverApi.Check(Information(out var free, out var total), "cuMemGetInfo");
        try
        {
            using var never = empty([(long)total * 2], uint8, device);
        }
        catch (ExternalException)
        {
        }

        CudaDriverApi.Check(Information(out free, out total), "cuMemGetInfo");
        return ((long)free, (long)total);
    }

    [LibraryImport(Library, EntryPoint = "cuMemGetInfo_v2")]
    private static partial int Information(out nuint free, out nuint total);

    [LibraryImport(Library, EntryPoint = "cuMemAlloc_v2")]
    private static partial int Allocate(out ulong address, nuint bytes);

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint pad);

    [LibraryImport(Library, EntryPoint = "cuMemFree_v2")]
    private static partial int Free(ulong address);
}
