using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Figures;
using Sweep.Dashboard.Reading;
using Sweep.Persistence.Queries;

namespace Sweep.Dashboard.Live;

/// <summary>Reads one sweep again and again: what is behind its feed.</summary>
internal sealed class SweepReader(string sweepId, ISweepStore store, IGrainFactory grains, LiveScope scope, TimeProvider time)
{
    /// <summary>Of a coordinator whose silo was killed, until another has it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private PartialScores? _partial;

    /// <summary>Throws <see cref="UnknownSweepException"/> where there is none.</summary>
    public async Task<SweepSnapshot> ReadAsync(SweepSnapshot? before, CancellationToken cancellationToken)
    {
        var sweep = await store.FindSweepAsync(sweepId, cancellationToken) ?? throw new UnknownSweepException(sweepId);
        if (before is not null && sweep.State.IsFinal() && before.Sweep.State == sweep.State && before.Sweep.FinishedAt == sweep.FinishedAt)
            return before;
        var resolved = before?.Resolved ?? await store.LoadResolutionAsync(sweepId, cancellationToken);
        var now = sweep.State.IsFinal() || !scope.Includes(sweepId)
            ? await AtRestAsync(sweep, resolved, before, cancellationToken)
            : await RunningAsync(sweep, resolved, before, cancellationToken);
        return IsSame(before, now) ? before! : now;
    }

    private async Task<SweepSnapshot> AtRestAsync(SweepRecord sweep, ResolvedPlan? resolved, SweepSnapshot? before, CancellationToken cancellationToken)
    {
        var (summary, scores) = await SummaryCells.FindAsync(store.Queries(), sweepId, cancellationToken);
        if (summary is null && resolved is not null && _partial is null)
        {
            _partial = new PartialScores(sweepId, sweep.Plan, resolved);
            await _partial.ReadAsync(store.Queries(), cancellationToken);
        }

        return new SweepSnapshot
        {
            Sweep = sweep,
            Resolved = resolved,
            Summary = summary,
            Scores = scores,
            Cost = await store.ReadCostAsync(sweepId, cancellationToken),
            Cells = summary is not null && resolved is not null ? SummaryCells.Of(scores, summary, resolved) : _partial is not null && before?.Cells is { Count: > 0 } known ? known : _partial?.Cells() ?? [],
        };
    }

    private async Task<SweepSnapshot> RunningAsync(SweepRecord sweep, ResolvedPlan? resolved, SweepSnapshot? before, CancellationToken cancellationToken)
    {
        var status = await grains.GetGrain<ISweepCoordinatorGrain>(sweepId).GetStatusAsync().WaitAsync(Patience, time, cancellationToken);
        var cells = before is { IsRunning: true } ? before.Cells : [];
        var hasGrown = before?.Status is null || before.Status.RowsDone != status.RowsDone || before.Sweep.State != sweep.State;
        if (resolved is not null)
        {
            _partial ??= new PartialScores(sweepId, sweep.Plan, resolved);
            if (hasGrown && (await _partial.ReadAsync(store.Queries(), cancellationToken) || cells.Count == 0))
                cells = _partial.Cells();
        }

        return new SweepSnapshot
        {
            // The same object, so that what shows nothing else is not drawn again.
            Sweep = before is not null && before.Sweep.State == sweep.State && before.Sweep.Reason == sweep.Reason ? before.Sweep : sweep,
            Status = status,
            Pace = before?.Pace is { } pace ? pace.After(status, time) : Pace.Begin(status, time),
            Resolved = resolved,
            Cost = hasGrown || before is null ? await store.ReadCostAsync(sweepId, cancellationToken) : before.Cost,
            Cells = cells,
            DrawnBefore = before is { Summary: null } ? before.Figures.Drawn : SweepFigures.None,
        };
    }

    /// <summary>Nothing that is shown differs; the pace's marks are no reason to draw again.</summary>
    private static bool IsSame(SweepSnapshot? before, SweepSnapshot now) =>
        before is not null && before.Sweep.State == now.Sweep.State && before.Sweep.Reason == now.Sweep.Reason && before.Status == now.Status && before.Summary == now.Summary
        && before.Cost == now.Cost && ReferenceEquals(before.Resolved, now.Resolved) && ReferenceEquals(before.Cells, now.Cells) && before.Pace?.RowsPerSecond == now.Pace?.RowsPerSecond;
}

/// <summary>There is no sweep with this id.</summary>
internal sealed class UnknownSweepException(string sweepId) : Exception($"sweep '{sweepId}': found none with this id in the store");
