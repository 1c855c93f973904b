using Sweep.Contracts.Plans;

namespace Sweep.Contracts.Store;

/// <summary>A sweep to create, and who asks for it.</summary>
public sealed record SweepSubmission
{
    public required string SweepId { get; init; }

    public required SweepPlan Plan { get; init; }

    /// <summary>The plan as it was submitted.</summary>
    public required string PlanText { get; init; }

    /// <summary>The sender's unique name for this submission: a second one under it is the first one's sweep, whatever its plan. Default: none.</summary>
    public string? Key { get; init; }

    /// <summary>The message that carries it. Default: none.</summary>
    public InboxMessage? Message { get; init; }

    /// <summary>
    /// A sweep of this plan that was canceled or faulted is submitted again; not where it has this submission's own key, because then this is the submission that it came from.
    /// Default: false.
    /// </summary>
    public bool Reopen { get; init; }
}

/// <summary>What became of a submission.</summary>
public sealed record SubmitOutcome
{
    /// <summary>The sweep of this submission; null only where its message was handled before and the sweep has been removed since.</summary>
    public required SweepRecord? Sweep { get; init; }

    /// <summary>This call created it.</summary>
    public required bool Created { get; init; }

    /// <summary>The message was handled before: nothing was written.</summary>
    public required bool Duplicate { get; init; }
}

/// <summary>Short forms of calls that no message asks for.</summary>
public static class SweepStoreExtensions
{
    /// <summary>Creates the sweep, or returns the one with this id.</summary>
    public static async Task<SweepRecord> SubmitAsync(this ISweepStore store, string sweepId, SweepPlan plan, string planText, CancellationToken cancellationToken) =>
        (await store.SubmitAsync(new SweepSubmission { SweepId = sweepId, Plan = plan, PlanText = planText }, cancellationToken)).Sweep!;

    /// <summary>Changes the state if it is one of <paramref name="from"/>; false otherwise.</summary>
    public static Task<bool> TrySetStateAsync(
        this ISweepStore store, string sweepId, IReadOnlyList<SweepState> from, SweepState to, string? reason, CancellationToken cancellationToken) =>
        store.TrySetStateAsync(sweepId, from, to, reason, message: null, cancellationToken);
}
