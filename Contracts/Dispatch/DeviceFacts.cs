namespace Sweep.Contracts.Dispatch;

/// <summary>What a worker's device is.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.DeviceFacts")]
public sealed record DeviceFacts
{
    /// <summary>"cpu" or "cuda".</summary>
    [Id(0)]
    public required string Kind { get; init; }

    /// <summary>As its maker calls it; empty: unknown.</summary>
    [Id(1)]
    public string Name { get; init; } = "";

    /// <summary>Memory that the device has; of a CPU device, what this process may use. 0: unknown.</summary>
    [Id(2)]
    public long MemoryBytes { get; init; }
}
