using Sweep.Contracts.Jobs;

namespace Sweep.Contracts.Store;

/// <summary>What people look at in a store beyond what running needs.</summary>
public interface ISweepInspection
{
    /// <summary>Attempts at batches of the sweep that hold one of these jobs, newest first, at most so many.</summary>
    Task<IReadOnlyList<BatchAttempt>> ListAttemptsAsync(string sweepId, IReadOnlyList<JobId> jobs, int most, CancellationToken cancellationToken);
}

/// <summary>One grant of a batch, and what came of it.</summary>
public sealed record BatchAttempt
{
    public required string BatchId { get; init; }

    public required long Token { get; init; }

    public required string WorkerId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Null: it goes on, or its process was killed.</summary>
    public string? Outcome { get; init; }

    public string? Reason { get; init; }

    public required int RowsAccepted { get; init; }

    public required int RowsShared { get; init; }

    /// <summary>Late: the token was stale.</summary>
    public required int RowsRejected { get; init; }

    public required double DeviceSeconds { get; init; }
}
