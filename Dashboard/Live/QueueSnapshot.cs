using Sweep.Contracts.Store;
using Sweep.Persistence.Access;
using Sweep.Persistence.Queries;

namespace Sweep.Dashboard.Live;

/// <summary>What waits, and what was set aside or refused.</summary>
internal sealed record QueueSnapshot
{
    /// <summary>Unfinished sweeps with their batches.</summary>
    public required IReadOnlyList<QueuedSweep> Sweeps { get; init; }

    /// <summary>Batches that were given up, the newest sweeps first.</summary>
    public required IReadOnlyList<SetAsideBatch> SetAside { get; init; }

    /// <summary>Sweeps that were refused or failed, newest first.</summary>
    public required IReadOnlyList<SweepRecord> Refused { get; init; }

    /// <summary>Plans that were refused before a sweep came of them, newest first.</summary>
    public required IReadOnlyList<JournalEntry> Rejected { get; init; }

    /// <summary>Events that wait to be sent.</summary>
    public required OutboxBacklog Outbox { get; init; }
}

internal sealed record QueuedSweep(SweepRecord Sweep, int Pending, int Leased, int Ended);

internal sealed record SetAsideBatch(SweepRecord Sweep, BatchRecord Batch);

/// <summary>Reads the queue again and again.</summary>
internal sealed class QueueReader(ISweepStore store)
{
    private const int MostSweeps = 50;
    private const int MostShown = 200;

    public async Task<QueueSnapshot> ReadAsync(QueueSnapshot? before, CancellationToken cancellationToken)
    {
        var sweeps = await store.ListSweepsAsync(cancellationToken);
        // A completed sweep says in its reason that batches of it were set aside.
        var watched = sweeps.Where(sweep => !sweep.State.IsFinal() || (sweep.State is SweepState.Completed or SweepState.Faulted && sweep.Reason is not null)).Take(MostSweeps)
            .ToDictionary(sweep => sweep.Id, StringComparer.Ordinal);
        var counts = await store.Queries().CountBatchesAsync(watched.Keys, cancellationToken);
        var aside = await store.Queries().ListSetAsideAsync(watched.Keys, MostShown, cancellationToken);
        return new QueueSnapshot
        {
            Sweeps = [.. sweeps.Where(sweep => watched.ContainsKey(sweep.Id) && !sweep.State.IsFinal()).Select(sweep => Queued(sweep, counts.GetValueOrDefault(sweep.Id)))],
            SetAside = [.. aside.Select(batch => new SetAsideBatch(watched[batch.Id[..batch.Id.LastIndexOf('/')]], batch))],
            Refused = [.. sweeps.Where(sweep => sweep.State == SweepState.Faulted).Take(MostShown)],
            Rejected = await store.Access().ListRefusedAsync(JournalEntry.Submit, MostShown, cancellationToken),
            Outbox = await store.ReadOutboxBacklogAsync(cancellationToken),
        };
    }

    /// <param name="sweep">Any.</param>
    /// <param name="counts">Null: it has no batches yet.</param>
    private static QueuedSweep Queued(SweepRecord sweep, BatchCounts? counts) =>
        counts is null ? new QueuedSweep(sweep, 0, 0, 0) : new QueuedSweep(sweep, counts.Pending, counts.Leased, counts.Completed + counts.SetAside + counts.Canceled);
}
