using Sweep.Contracts.Store;
using Sweep.Dashboard.Live;
using Sweep.Dashboard.Pages.Compare;
using Sweep.Persistence.Exports;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>Two sides compared, a row a benchmark that both have.</summary>
internal sealed class CompareData(SweepSnapshots snapshots, ISweepStore store) : IViewData
{
    private static readonly ViewColumns<ComparedBenchmark> Columns = new()
    {
        { "benchmark", row => row.Name },
        { "unit", row => row.Unit.ToString() },
        { "n", row => row.Effect.N },
        { "left_scalar", row => row.LeftScalar },
        { "right_scalar", row => row.RightScalar },
        { "left", row => row.LeftMean },
        { "right", row => row.RightMean },
        { "right_less_left", row => row.Effect.Mean },
        { "rough_low", row => row.Effect.Low },
        { "rough_high", row => row.Effect.High },
        { "better", row => row.Better },
        { "worse", row => row.Worse },
    };

    public string Name => "compare";

    public bool IsOfSweep => false;

    public async Task<ExportTable?> ReadAsync(ViewRequest request, CancellationToken cancellationToken) =>
        await SideAsync(request, "left", cancellationToken) is { } left && await SideAsync(request, "right", cancellationToken) is { } right
            ? Columns.Of(await PairedComparison.OfAsync(store, left, right, cancellationToken))
            : null;

    private async Task<CompareSide?> SideAsync(ViewRequest request, string side, CancellationToken cancellationToken) =>
        request[side] is { } sweep ? CompareSide.Of(await snapshots.FindAsync(sweep, cancellationToken), request[side + "Model"], request[side + "Set"]) : null;
}
