using Sweep.Contracts.Store;
using Sweep.Dashboard.Live;
using Sweep.Persistence.Exports;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>Batches that were given up.</summary>
internal sealed class SetAsideData(ISweepStore store) : IViewData
{
    private static readonly ViewColumns<SetAsideBatch> Columns = new()
    {
        { "batch", one => one.Batch.Id },
        { "sweep", one => one.Sweep.Id },
        { "status", one => one.Batch.Status.ToString() },
        { "rows", one => one.Batch.Rows },
        { "failed_attempts", one => one.Batch.FailedAttempts },
        { "attempts", one => one.Batch.Attempts },
        { "reason", one => one.Batch.Reason },
    };

    public string Name => "set-aside";

    public bool IsOfSweep => false;

    public async Task<ExportTable?> ReadAsync(ViewRequest request, CancellationToken cancellationToken) => Columns.Of((await new QueueReader(store).ReadAsync(null, cancellationToken)).SetAside);
}
