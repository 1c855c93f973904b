using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Figures;
using Sweep.Persistence.Queries;

namespace Sweep.Dashboard.Live;

/// <summary>A sweep as it is now; one object for all who look at it, never changed.</summary>
internal sealed record SweepSnapshot
{
    private SweepView? _shown;
    private SweepFigures? _figures;

    public required SweepRecord Sweep { get; init; }

    /// <summary>Null: at its end, or not run here.</summary>
    public SweepStatus? Status { get; init; }

    public Pace? Pace { get; init; }

    /// <summary>Null: not resolved yet.</summary>
    public ResolvedPlan? Resolved { get; init; }

    /// <summary>Without its cells, of which there may be very many. Null: not summarised yet.</summary>
    public SweepSummary? Summary { get; init; }

    /// <summary>Scores of the summary's own cells; none before there is one.</summary>
    public IReadOnlyList<CellScore> Scores { get; init; } = [];

    public required SweepCost Cost { get; init; }

    /// <summary>All cells of bottlenecks: of the summary, else what is known so far.</summary>
    public IReadOnlyList<EffectCell> Cells { get; init; } = [];

    /// <summary>Figures of the snapshot before, of which those stay that show the same cells.</summary>
    public IReadOnlyDictionary<FigureRequest, DrawnFigure> DrawnBefore { private get; init; } = SweepFigures.None;

    /// <summary>Shared by all who look at this snapshot.</summary>
    public SweepFigures Figures => LazyInitializer.EnsureInitialized(ref _figures, () => new SweepFigures(this, DrawnBefore));

    public SweepView Shown => _shown ??= new SweepView(this);

    public bool IsRunning => !Sweep.State.IsFinal();

    /// <summary>0..1; null: not known.</summary>
    public double? Done => Sweep.State == SweepState.Completed ? 1 : Status is { RowsTotal: > 0 } status ? Math.Min(1, (double)status.RowsDone / status.RowsTotal) : null;
}
