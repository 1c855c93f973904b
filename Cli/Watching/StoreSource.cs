using Sweep.Contracts.Messages;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Cli.Watching;

/// <summary>By reading the store: needs no silo and no broker, sees batches that have ended only.</summary>
internal sealed class StoreSource(ISweepStore store) : PolledSource(TimeSpan.Zero)
{
    private readonly Dictionary<string, (int Jobs, long Rows)> _totals = new(StringComparer.Ordinal);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override async Task<SweepStatusReply?> LookAsync(string sweepId, CancellationToken cancellationToken)
    {
        if (await store.FindSweepAsync(sweepId, cancellationToken) is not { } sweep)
            return StatusOf(sweepId, found: false, "Unknown", "there is no sweep with this id in the store", (0, 0), []);
        // A search that waits for a stage is as far as that is: the last one that has begun.
        if (sweep.State == SweepState.Submitted && await LookAtStageAsync(sweep.Plan, cancellationToken) is var (plan, stage))
            return stage with { SweepId = sweepId, State = sweep.State.ToString(), Reason = sweep.Reason, Stage = SearchStages.Progress(plan, stage.State) };
        if (!_totals.ContainsKey(sweepId) && await store.LoadResolutionAsync(sweepId, cancellationToken) is { } resolved)
            _totals[sweepId] = Count(sweep.Plan, resolved);
        return StatusOf(sweepId, found: true, sweep.State.ToString(), sweep.Reason, _totals.GetValueOrDefault(sweepId), await store.ListBatchesAsync(sweepId, cancellationToken));
    }

    private async Task<(SweepPlan Plan, SweepStatusReply Status)?> LookAtStageAsync(SweepPlan plan, CancellationToken cancellationToken)
    {
        for (var before = SearchStages.Before(plan); before is not null; before = SearchStages.Before(before))
        {
            if (await LookAsync(SweepIds.Of(before), cancellationToken) is { Found: true } stage)
                return (before, stage);
        }

        return null;
    }

    private static SweepStatusReply StatusOf(string sweepId, bool found, string state, string? reason, (int Jobs, long Rows) total, IReadOnlyList<BatchRecord> batches) => new()
    {
        SweepId = sweepId,
        Found = found,
        State = state,
        Reason = reason,
        Jobs = total.Jobs,
        RowsTotal = total.Rows,
        RowsDone = state == nameof(SweepState.Completed) && reason is null ? total.Rows : batches.Where(batch => batch.Status == BatchStatus.Completed).Sum(batch => (long)batch.Rows),
        BatchesTotal = batches.Count,
        BatchesDone = batches.Count(batch => batch.Status == BatchStatus.Completed),
        BatchesLeased = batches.Count(batch => batch.Status == BatchStatus.Leased),
        BatchesSetAside = batches.Count(batch => batch.Status is BatchStatus.Quarantined or BatchStatus.Faulted),
    };

    private static (int Jobs, long Rows) Count(SweepPlan plan, ResolvedPlan resolved)
    {
        var (jobs, rows) = (0, 0L);
        foreach (var (_, benchmark) in PlanExpander.Jobs(plan, resolved))
            (jobs, rows) = (jobs + 1, rows + resolved.Benchmarks[benchmark].Items.Count);
        return (jobs, rows);
    }
}
