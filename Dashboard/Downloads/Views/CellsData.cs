using Sweep.Dashboard.Figures;
using Sweep.Dashboard.Live;
using Sweep.Persistence.Exports;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>The cells of a sweep's figures: bottlenecks at their scalars, of a running sweep with what there is so far.</summary>
internal sealed class CellsData(SweepSnapshots snapshots) : IViewData
{
    private static readonly ViewColumns<EffectCell> Columns = new()
    {
        { "model", cell => cell.Model },
        { "benchmark", cell => cell.Benchmark },
        { "bottleneck", cell => cell.Bottleneck },
        { "layer", cell => cell.Layer },
        { "scalar", cell => cell.Scalar },
        { "chosen", cell => cell.IsChosen ? "true" : "false" },
        { "unit", cell => cell.Unit.ToString() },
        { "n", cell => cell.N },
        { "n_planned", cell => cell.Of ?? cell.N },
        { "effect", cell => cell.Effect },
        { "effect_low", cell => cell.Low },
        { "effect_high", cell => cell.High },
        { "family_p", cell => cell.FamilyP },
        { "control_rank", cell => cell.ControlRank },
        { "controls", cell => cell.Controls },
        { "diverged", cell => cell.Diverged },
    };

    public string Name => "cells";

    public bool IsOfSweep => true;

    public async Task<ExportTable?> ReadAsync(ViewRequest request, CancellationToken cancellationToken)
    {
        if (await snapshots.FindAsync(request.SweepId, cancellationToken) is not { } snapshot)
            return null;
        var (model, benchmark, bottleneck) = (request["model"], request["benchmark"], request["bottleneck"]);
        return Columns.Of(snapshot.Cells.Where(cell =>
            (model is null || cell.Model == model) && (benchmark is null || cell.Benchmark == benchmark) && (bottleneck is null || cell.Bottleneck == bottleneck)));
    }
}
