using Sweep.Contracts.Execution;

namespace Sweep.Grains.Workers;

/// <summary>What a device's name says, where nobody knows more.</summary>
internal sealed class DeviceNameFacts : IDeviceFacts
{
    public DeviceFacts Of(string device) => new() { Kind = device.Split(':', 2)[0] };
}
