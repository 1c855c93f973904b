namespace Sweep.Contracts.Grains;

/// <summary>One for the cluster (key 0): answers from memory which sweep a worker should ask next, fair by owner, then by sweep, in device-seconds.</summary>
[Alias("sweep.ISchedulerGrain")]
public interface ISchedulerGrain : IGrainWithIntegerKey
{
    /// <summary>A sweep with work, or null.</summary>
    [Alias("Next")]
    ValueTask<string?> NextAsync(string workerId);

    /// <summary>Announces or updates a sweep; without pending work it is passed over.</summary>
    [Alias("Announce")]
    Task AnnounceAsync(SweepDemand demand);

    /// <summary>Charges device-seconds.</summary>
    [Alias("Charge")]
    Task ChargeAsync(string sweepId, double deviceSeconds);

    [Alias("Withdraw")]
    Task WithdrawAsync(string sweepId);
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
}
