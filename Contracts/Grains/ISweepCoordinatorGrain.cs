using Sweep.Contracts.Dispatch;

namespace Sweep.Contracts.Grains;

/// <summary>One sweep (key: its id): resolves, expands, grants leases, knows when it is done.</summary>
[Alias("sweep.ISweepCoordinatorGrain")]
public interface ISweepCoordinatorGrain : IGrainWithStringKey
{
    /// <summary>
    /// Puts the plan's sweep, which is this one, into the store and takes it up; again if it was canceled or has faulted. May be repeated. The answer is the id of the sweep that runs:
    /// another one where the key was used before.
    /// </summary>
    [Alias("Submit")]
    Task<string> SubmitAsync(PlanSubmission submission);

    /// <summary>Takes the sweep up from the store; harmless when it runs already.</summary>
    [Alias("Start")]
    Task StartAsync();

    /// <summary>Work for this worker, or null when there is none now.</summary>
    [Alias("Pull")]
    Task<WorkGrant?> PullAsync(WorkerDescription worker);

    /// <summary>False: the lease is lost, stop.</summary>
    [Alias("Renew")]
    Task<bool> RenewAsync(Lease lease);

    [Alias("Report")]
    Task ReportAsync(BatchDigest digest);

    /// <summary>The end of a plan's resolution; an error refuses the sweep.</summary>
    [Alias("ReportResolution")]
    Task ReportResolutionAsync(string workerId, string? error);

    /// <summary>The end of a sweep's summary, which is in the store; an error counts as an attempt.</summary>
    [Alias("ReportSummary")]
    Task ReportSummaryAsync(string workerId, string? error);

    [Alias("Cancel")]
    Task CancelAsync();

    [Alias("Pause")]
    Task PauseAsync();

    [Alias("Resume")]
    Task ResumeAsync();

    /// <summary>Gives a batch that was set aside out again, and takes the sweep up where it was at its end. False: the batch is not set aside.</summary>
    [Alias("RetryBatch")]
    Task<bool> RetryBatchAsync(string batchId);

    [Alias("GetStatus")]
    Task<SweepStatus> GetStatusAsync();
}

/// <summary>A plan as its sender wrote it.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.PlanSubmission")]
public sealed record PlanSubmission
{
    /// <summary>YAML or JSON.</summary>
    [Id(0)]
    public required string PlanText { get; init; }

    /// <summary>The sender's unique name for the submission; null: none.</summary>
    [Id(1)]
    public string? Key { get; init; }

    /// <summary>In place of the plan's owner; null: the plan's.</summary>
    [Id(2)]
    public string? Owner { get; init; }
}

/// <summary>A sweep at a glance.</summary>
[GenerateSerializer]
[Immutable]
[Alias("sweep.SweepStatus")]
public sealed record SweepStatus
{
    [Id(0)]
    public required string SweepId { get; init; }

    [Id(1)]
    public required string State { get; init; }

    [Id(2)]
    public string? Reason { get; init; }

    /// <summary>(job, item) pairs of the sweep.</summary>
    [Id(3)]
    public long RowsTotal { get; init; }

    [Id(4)]
    public long RowsDone { get; init; }

    /// <summary>Made so far: more are made while the sweep runs.</summary>
    [Id(5)]
    public int BatchesTotal { get; init; }

    [Id(6)]
    public int BatchesDone { get; init; }

    [Id(7)]
    public int BatchesLeased { get; init; }

    [Id(8)]
    public int BatchesQuarantined { get; init; }

    /// <summary>Since this activation.</summary>
    [Id(9)]
    public long Tokens { get; init; }

    [Id(10)]
    public double DeviceSeconds { get; init; }

    /// <summary>Name of the model that ran last.</summary>
    [Id(11)]
    public string? ResidentModel { get; init; }

    [Id(12)]
    public int Jobs { get; init; }

    /// <summary>Rows done by this activation, the rate's numerator.</summary>
    [Id(13)]
    public long RowsDoneHere { get; init; }

    /// <summary>How many batches were quarantined or faulted, with the first one's reason; null: none.</summary>
    [Id(14)]
    public string? SetAside { get; init; }

    /// <summary>Why nothing goes on although it could, for instance that no worker has the kind of device; null: nothing is in the way.</summary>
    [Id(15)]
    public string? Hindrance { get; init; }

    /// <summary>The stage of a search that runs now, with how far it is: what is counted is of it. Null: this sweep itself.</summary>
    [Id(16)]
    public string? Stage { get; init; }
}
