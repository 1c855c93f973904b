namespace Sweep.Contracts.Dispatch;

/// <summary>The right to run a batch until it expires. The token grows with every grant of the batch; only the newest may write.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.Lease")]
public sealed record Lease
{
    [Id(0)]
    public required string SweepId { get; init; }

    [Id(1)]
    public required string BatchId { get; init; }

    /// <summary>Fencing token, from 1.</summary>
    [Id(2)]
    public required long Token { get; init; }

    [Id(3)]
    public required string WorkerId { get; init; }

    /// <summary>How long without renewal it lasts, seconds.</summary>
    [Id(4)]
    public required double DurationSeconds { get; init; }
}

/// <summary>What a coordinator gives a worker that pulls.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.WorkGrant")]
public sealed record WorkGrant
{
    [Id(0)]
    public required WorkKind Kind { get; init; }

    [Id(1)]
    public required string SweepId { get; init; }

    /// <summary>
    /// To renew while the work lasts. Of <see cref="WorkKind.RunBatch"/> the store knows it and checks its token; of the other kinds only the coordinator does.
    /// </summary>
    [Id(2)]
    public required Lease Lease { get; init; }
}

/// <summary>Kinds of work.</summary>
[GenerateSerializer]
[Alias("sweep.WorkKind")]
public enum WorkKind
{
    /// <summary>Resolve the sweep's plan and store the result.</summary>
    ResolvePlan,

    /// <summary>Run the leased batch.</summary>
    RunBatch,

    /// <summary>Every batch is at its end: compute the sweep's summary and store it.</summary>
    Summarize,
}

/// <summary>Facts about a worker: one a device a silo.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.WorkerDescription")]
public sealed record WorkerDescription
{
    /// <summary>Silo address with generation + device, for instance "127.0.0.1:11111@123/cpu:0".</summary>
    [Id(0)]
    public required string WorkerId { get; init; }

    /// <summary>"cpu:0", "cuda:1".</summary>
    [Id(1)]
    public required string Device { get; init; }

    /// <summary>Weights hash of the model that ran last and is loaded; null: none.</summary>
    [Id(2)]
    public string? ResidentModel { get; init; }

    /// <summary>What the device is; null: unknown.</summary>
    [Id(3)]
    public DeviceFacts? Facts { get; init; }

    /// <summary>Weights hashes of all models that are loaded.</summary>
    [Id(4)]
    public IReadOnlyList<string> ResidentModels { get; init; } = [];

    /// <summary>Sweeps that it can do nothing of yet: their models are on their way to it.</summary>
    [Id(5)]
    public IReadOnlyList<string> Fetching { get; init; } = [];

    /// <summary>"cpu", "cuda"; empty: unknown.</summary>
    public string DeviceKind => Facts?.Kind ?? "";

    /// <summary>Whether work of this model needs no loading.</summary>
    public bool Holds(string model) => ResidentModel == model || ResidentModels.Contains(model);
}

/// <summary>What a worker tells the coordinator after each micro-batch and at the end of a batch; the rows themselves went to the store.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.BatchDigest")]
public sealed record BatchDigest
{
    [Id(0)]
    public required Lease Lease { get; init; }

    [Id(1)]
    public required BatchProgress Progress { get; init; }

    /// <summary>Rows accepted, (job, item) pairs.</summary>
    [Id(2)]
    public int Rows { get; init; }

    [Id(3)]
    public long Tokens { get; init; }

    [Id(4)]
    public double DeviceSeconds { get; init; }

    /// <summary>Name of the model that ran.</summary>
    [Id(5)]
    public string? ResidentModel { get; init; }

    /// <summary>Why, when the batch faulted.</summary>
    [Id(6)]
    public string? Reason { get; init; }

    /// <summary>Rows run that were recorded before.</summary>
    [Id(7)]
    public int SharedRows { get; init; }

    /// <summary>How long the device stood still for recording, beside <see cref="DeviceSeconds"/>, seconds.</summary>
    [Id(8)]
    public double RecordSeconds { get; init; }
}

[GenerateSerializer]
[Alias("sweep.BatchProgress")]
public enum BatchProgress
{
    /// <summary>One more micro-batch is recorded.</summary>
    MicroBatch,

    /// <summary>All micro-batches are recorded.</summary>
    Completed,

    /// <summary>The worker gives the batch back unfinished (drain, store away).</summary>
    Released,

    /// <summary>The work threw; counts as an attempt. The coordinator ends the lease.</summary>
    Failed,

    /// <summary>The work failed in a way that another attempt would repeat; the worker ended the lease with the reason.</summary>
    Faulted,
}
