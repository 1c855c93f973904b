using Sweep.Contracts.Dispatch;

namespace Sweep.Execution.Devices;

/// <summary>The devices of this machine.</summary>
public interface IDeviceInventory
{
    /// <summary>How many CUDA devices this process may use; 0 without a driver.</summary>
    int CudaDevices { get; }

    /// <param name="device">"cpu:0", "cuda:1".</param>
    DeviceFacts Describe(string device);

    /// <summary>Bytes of the device's memory in use; of a CPU device, by this process. Null: unknown.</summary>
    long? MemoryInUse(string device);
}
