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
}
