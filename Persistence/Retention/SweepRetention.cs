using Sweep.Contracts.Store;

namespace Sweep.Persistence.Retention;

/// <summary>
/// Removes sweeps and what nothing refers to any more. A job that another sweep has keeps all its rows. Each step is a transaction that leaves a store as it should be, so an
/// interrupted removal is finished by the next collection.
/// </summary>
public static class SweepRetention
{
    private static readonly SweepState[] Final = [SweepState.Completed, SweepState.Canceled, SweepState.Faulted];

    /// <summary>Removes one sweep, and its jobs with their rows where no other sweep has them.</summary>
    /// <exception cref="SweepInUseException">It is not at its end.</exception>
    public static async Task<RemovalReport> RemoveAsync(ISweepStore store, string sweepId, CancellationToken cancellationToken)
    {
        var rows = Rows(store);
        if (await store.FindSweepAsync(sweepId, cancellationToken) is not { } sweep)
            return new RemovalReport { Sweeps = [], Jobs = 0, Rows = 0 };
        if (!Final.Contains(sweep.State) || await rows.RemoveSweepAsync(sweepId, cancellationToken) is not { } jobs)
            throw new SweepInUseException($"{sweepId}: found it {sweep.State}, expected a sweep at its end (cancel it first)");
        var (removed, results) = await rows.RemoveJobsAsync(jobs, cancellationToken);
        return new RemovalReport { Sweeps = [sweepId], Jobs = removed, Rows = results };
    }

    /// <summary>Removes sweeps that ended longer ago than this, then every job, item and cached artifact that nothing refers to, and handled messages of that age.</summary>
    /// <param name="store">To be collected.</param>
    /// <param name="olderThan">Age since the sweep's end; of an artifact, since it was last used.</param>
    /// <param name="dryRun">Only say which sweeps it would be.</param>
    /// <param name="time">The clock that ages are measured by.</param>
    /// <param name="cancellationToken">Ends the collection between two steps.</param>
    /// <exception cref="SweepInUseException">A sweep is running: what it is about to use cannot be told from what nobody uses.</exception>
    public static async Task<RemovalReport> CollectAsync(ISweepStore store, TimeSpan olderThan, bool dryRun, TimeProvider time, CancellationToken cancellationToken)
    {
        var rows = Rows(store);
        var before = time.GetUtcNow() - olderThan;
        var sweeps = await store.ListSweepsAsync(cancellationToken);
        if (sweeps.FirstOrDefault(sweep => !Final.Contains(sweep.State) && sweep.State != SweepState.Paused) is { } running)
            throw new SweepInUseException($"{running.Id}: found it {running.State}, expected no running sweep (wait for it, pause it or cancel it)");
        var old = sweeps.Where(sweep => Final.Contains(sweep.State) && sweep.FinishedAt < before).OrderBy(sweep => sweep.SubmittedAt).ThenBy(sweep => sweep.Id, StringComparer.Ordinal).ToArray();
        if (dryRun)
            return new RemovalReport { Sweeps = [.. old.Select(sweep => sweep.Id)], Jobs = 0, Rows = 0 };
        var report = new RemovalReport { Sweeps = [], Jobs = 0, Rows = 0 };
        foreach (var sweep in old)
        {
            var one = await RemoveAsync(store, sweep.Id, cancellationToken);
            report = report with { Sweeps = [.. report.Sweeps, .. one.Sweeps], Jobs = report.Jobs + one.Jobs, Rows = report.Rows + one.Rows };
        }

        var (jobs, results) = await rows.RemoveJobsAsync(await rows.ListLooseJobsAsync(cancellationToken), cancellationToken);
        return report with
        {
            Jobs = report.Jobs + jobs,
            Rows = report.Rows + results,
            Items = await rows.RemoveLooseItemsAsync(cancellationToken),
            Artifacts = await rows.RemoveArtifactsAsync(before, cancellationToken),
            Messages = await store.TrimInboxAsync(olderThan, cancellationToken),
        };
    }

    private static IRetainedRows Rows(ISweepStore store) => store as IRetainedRows ?? throw new ArgumentException("not a store of this library", nameof(store));
}

/// <summary>What was removed.</summary>
public sealed record RemovalReport
{
    public required IReadOnlyList<string> Sweeps { get; init; }

    public required int Jobs { get; init; }

    /// <summary>Ledger rows.</summary>
    public required long Rows { get; init; }

    public int Items { get; init; }

    public int Artifacts { get; init; }

    /// <summary>Notes of messages that were handled.</summary>
    public int Messages { get; init; }

    /// <summary>Entries of the journal.</summary>
    public int Journal { get; init; }
}

/// <summary>A sweep is in use; the message names it.</summary>
public sealed class SweepInUseException(string message) : Exception(message);

/// <summary>The statements behind <see cref="SweepRetention"/>.</summary>
internal interface IRetainedRows
{
    /// <summary>The keys of the sweep's jobs; null, and nothing is removed, where it is not at its end.</summary>
    Task<IReadOnlyList<long>?> RemoveSweepAsync(string sweepId, CancellationToken cancellationToken);

    /// <summary>Those of the jobs that no sweep has, with their ledger rows.</summary>
    Task<(int Jobs, long Rows)> RemoveJobsAsync(IReadOnlyList<long> jobs, CancellationToken cancellationToken);

    /// <summary>Jobs that no sweep has.</summary>
    Task<IReadOnlyList<long>> ListLooseJobsAsync(CancellationToken cancellationToken);

    /// <summary>Items that no ledger row has.</summary>
    Task<int> RemoveLooseItemsAsync(CancellationToken cancellationToken);

    /// <summary>Calibrations not used since, and how sweeps that are gone were cut.</summary>
    Task<int> RemoveArtifactsAsync(DateTimeOffset before, CancellationToken cancellationToken);
}
