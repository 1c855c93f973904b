namespace Sweep.Contracts.Execution;

/// <summary>What the devices of this process are.</summary>
public interface IDeviceFacts
{
    /// <param name="device">"cpu:0", "cuda:1".</param>
    DeviceFacts Of(string device);
}

/// <summary>A device as the cluster sees it.</summary>
public sealed record DeviceFacts
{
    /// <summary>What numerics ids begin with: "cpu", "cuda".</summary>
    public required string Kind { get; init; }

    /// <summary>Memory for models and activations; null: not known.</summary>
    public long? MemoryBytes { get; init; }
}
