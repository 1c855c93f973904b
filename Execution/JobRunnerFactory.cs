using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Execution;
using Sweep.Execution.Devices;
using Sweep.Execution.Running;

namespace Sweep.Execution;

/// <summary>Makes one runner a device; runners of one device share its thread and its model.</summary>
internal sealed class JobRunnerFactory(DevicePool pool, JobInputs inputs, IDeviceInventory devices) : IJobRunnerFactory
{
    public IJobRunner Create(string device) => new JobRunner(pool, device, inputs);

    public DeviceFacts Describe(string device) => devices.Describe(device);

    public long? MemoryInUse(string device) => devices.MemoryInUse(device);
}
