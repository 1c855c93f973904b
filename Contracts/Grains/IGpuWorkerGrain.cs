using Orleans.Concurrency;
using Sweep.Contracts.Dispatch;

namespace Sweep.Contracts.Grains;

/// <summary>A worker's address in the cluster (key: silo address with generation + "/" + device), placed on its own silo: status, drain, cancel.</summary>
[Alias("sweep.IGpuWorkerGrain")]
public interface IGpuWorkerGrain : IGrainWithStringKey
{
    [Alias("GetStatus")]
    Task<WorkerStatus> GetStatusAsync();

    /// <summary>No new lease; the running micro-batch ends, its batch is given back.</summary>
    [Alias("Drain")]
    Task DrainAsync();

    /// <summary>Stops the running batch if it belongs to the sweep.</summary>
    [Alias("CancelSweep")]
    Task CancelSweepAsync(string sweepId);

    /// <summary>There is work: a worker that pauses looks for it now.</summary>
    [Alias("Wake")]
    [OneWay]
    Task WakeAsync();

    /// <summary>Another sweep waits for its first turn: the running batch, if it belongs to this sweep, is given back after the micro-batch that runs.</summary>
    [Alias("Yield")]
    [OneWay]
    Task YieldAsync(string sweepId);
}

[GenerateSerializer]
[Immutable]
[Alias("sweep.WorkerStatus")]
public sealed record WorkerStatus
{
    [Id(0)]
    public required string WorkerId { get; init; }

    [Id(1)]
    public required string Device { get; init; }

    [Id(2)]
    public required bool Draining { get; init; }

    [Id(3)]
    public string? BatchId { get; init; }

    [Id(4)]
    public string? ResidentModel { get; init; }

    [Id(5)]
    public long RowsDone { get; init; }

    [Id(6)]
    public long Tokens { get; init; }

    [Id(7)]
    public double BusySeconds { get; init; }

    [Id(8)]
    public string? LastFault { get; init; }

    /// <summary>What the device is; null: unknown.</summary>
    [Id(9)]
    public DeviceFacts? Facts { get; init; }

    /// <summary>For how long it has had the lease of its batch; null: it has none, or is of a version that does not say.</summary>
    [Id(10)]
    public double? LeaseSeconds { get; init; }

    /// <summary>Micro-batches of its batch that are recorded.</summary>
    [Id(11)]
    public int MicroBatchesDone { get; init; }

    /// <summary>Micro-batches of its batch; 0: it has none, or not read it yet.</summary>
    [Id(12)]
    public int MicroBatches { get; init; }

    /// <summary>Batches, resolutions and summaries that failed here since the process began.</summary>
    [Id(13)]
    public int Faults { get; init; }

    /// <summary>Bytes of the device's memory in use; of a CPU device, by the process. Null: unknown.</summary>
    [Id(14)]
    public long? DeviceMemoryInUse { get; init; }

    /// <summary>Bytes of memory of the process that it is part of, with all its workers; 0: unknown.</summary>
    [Id(15)]
    public long ProcessMemory { get; init; }

    /// <summary>Of the last micro-batch; null: there was none.</summary>
    [Id(16)]
    public double? TokensPerSecond { get; init; }
}
