using Sweep.Contracts.Store;

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
        var queued = new List<QueuedSweep>();
        var aside = new List<SetAsideBatch>();
        // A completed sweep says in its reason that batches of it were set aside.
        foreach (var sweep in sweeps.Where(sweep => !sweep.State.IsFinal() || (sweep.State is SweepState.Completed or SweepState.Faulted && sweep.Reason is not null)).Take(MostSweeps))
        {
            var batches = await store.ListBatchesAsync(sweep.Id, cancellationToken);
            aside.AddRange(batches.Where(batch => batch.Status is BatchStatus.Quarantined or BatchStatus.Faulted).Select(batch => new SetAsideBatch(sweep, batch)));
            if (!sweep.State.IsFinal())
                queued.Add(new QueuedSweep(sweep, batches.Count(batch => batch.Status == BatchStatus.Pending), batches.Count(batch => batch.Status == BatchStatus.Leased), batches.Count(batch => batch.Status is not (BatchStatus.Pending or BatchStatus.Leased))));
        }

        return new QueueSnapshot
        {
            Sweeps = queued,
            SetAside = [.. aside.Take(MostShown)],
            Refused = [.. sweeps.Where(sweep => sweep.State == SweepState.Faulted).Take(MostShown)],
            Outbox = await store.ReadOutboxBacklogAsync(cancellationToken),
        };
    }
}
