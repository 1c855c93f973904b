using Sweep.Contracts.Dispatch;

namespace Sweep.Contracts.Grains;

/// <summary>One for the cluster (key 0): answers from memory which sweep a worker should ask next, fair by owner, then by sweep, in device-seconds.</summary>
[Alias("sweep.ISchedulerGrain")]
public interface ISchedulerGrain : IGrainWithIntegerKey
{
    /// <summary>A sweep with work, or null; then the worker is woken as soon as there is some.</summary>
    /// <param name="worker">Who asks; it holds no work.</param>
    /// <param name="last">What became of its turn before this one; null: it had none.</param>
    [Alias("Next")]
    ValueTask<string?> NextAsync(WorkerDescription worker, TurnReport? last);

    /// <summary>Announces or updates a sweep; without pending work it is passed over. The answer says what the cluster could do it with.</summary>
    [Alias("Announce")]
    ValueTask<ClusterCapacity> AnnounceAsync(SweepDemand demand);

    /// <summary>The sweep wants nothing more.</summary>
    [Alias("Withdraw")]
    Task WithdrawAsync(string sweepId);

    /// <summary>Workers that were heard of and are not known to be gone, by id.</summary>
    [Alias("ListWorkers")]
    Task<IReadOnlyList<WorkerDescription>> ListWorkersAsync();
}

/// <summary>What became of a worker's turn.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.TurnReport")]
public sealed record TurnReport
{
    [Id(0)]
    public required string SweepId { get; init; }

    /// <summary>False: its coordinator had nothing for this worker.</summary>
    [Id(1)]
    public required bool Served { get; init; }

    /// <summary>How long the device was held, seconds.</summary>
    [Id(2)]
    public required double DeviceSeconds { get; init; }
}

/// <summary>What a sweep wants of the scheduler.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.SweepDemand")]
public sealed record SweepDemand
{
    [Id(0)]
    public required string SweepId { get; init; }

    [Id(1)]
    public required string Owner { get; init; }

    [Id(2)]
    public required int Priority { get; init; }

    [Id(3)]
    public required double Weight { get; init; }

    [Id(4)]
    public required bool HasPendingWork { get; init; }

    /// <summary>Pieces of work that wait, for as many workers to be woken.</summary>
    [Id(5)]
    public int Pending { get; init; }

    /// <summary>Leases that are out: what a scheduler that has just started counts as running.</summary>
    [Id(6)]
    public int Running { get; init; }

    /// <summary>Some work of it was handed out; before that it may take the place of work that runs.</summary>
    [Id(7)]
    public bool HasRun { get; init; }

    /// <summary>What a piece of its work takes a device, seconds; null: not known yet.</summary>
    [Id(8)]
    public double? BatchSeconds { get; init; }

    /// <summary>Kind of device that its work needs; null: any.</summary>
    [Id(9)]
    public string? DeviceKind { get; init; }

    /// <summary>Weights hashes of the models that its pending work needs; empty: none.</summary>
    [Id(10)]
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>What it measured.</summary>
    [Id(11)]
    public IReadOnlyList<DeviceSpeed> Speeds { get; init; } = [];
}

/// <summary>How fast a model runs on a kind of device, as the planner counts work.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.DeviceSpeed")]
public sealed record DeviceSpeed
{
    /// <summary>Weights hash.</summary>
    [Id(0)]
    public required string Model { get; init; }

    [Id(1)]
    public required string DeviceKind { get; init; }

    [Id(2)]
    public required double MultiplyAddsPerSecond { get; init; }
}

/// <summary>The cluster as one sweep sees it.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.ClusterCapacity")]
public sealed record ClusterCapacity
{
    [Id(0)]
    public required IReadOnlyList<DeviceGroup> Devices { get; init; }

    /// <summary>Of the sweep's models, measured by any sweep.</summary>
    [Id(1)]
    public required IReadOnlyList<DeviceSpeed> Speeds { get; init; }
}

/// <summary>The workers of one kind of device.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.DeviceGroup")]
public sealed record DeviceGroup
{
    /// <summary>Empty: workers that do not say it.</summary>
    [Id(0)]
    public required string DeviceKind { get; init; }

    [Id(1)]
    public required int Workers { get; init; }

    /// <summary>Of the device with the least; 0: not known of all.</summary>
    [Id(2)]
    public long MemoryBytes { get; init; }
}
