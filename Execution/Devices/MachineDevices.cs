using System.Globalization;
using System.Runtime.InteropServices;
using Sweep.Contracts.Dispatch;

namespace Sweep.Execution.Devices;

/// <summary>The devices of the machine that this process runs on.</summary>
public sealed class MachineDevices : IDeviceInventory
{
    private const string CudaPrefix = "cuda:";

    public int CudaDevices => CudaDriver.Count();

    public DeviceFacts Describe(string device)
    {
        if (!device.StartsWith(CudaPrefix, StringComparison.Ordinal))
        {
            return new DeviceFacts
            {
                Kind = "cpu",
                Name = $"{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}, {Environment.ProcessorCount} processors",
                MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            };
        }

        var (name, bytes) = CudaDriver.Describe(int.Parse(device.AsSpan(CudaPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture)) ?? ("", 0);
        return new DeviceFacts { Kind = "cuda", Name = name, MemoryBytes = bytes };
    }

    /// <summary>Of CUDA devices it takes the device's own context, which belongs to the device's thread: unknown here.</summary>
    public long? MemoryInUse(string device) => device.StartsWith(CudaPrefix, StringComparison.Ordinal) ? null : Environment.WorkingSet;
}
