using Sweep.Contracts.Store;
using Sweep.Dashboard.Live;
using Sweep.Persistence.Exports;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>Unfinished sweeps with their batches.</summary>
internal sealed class QueueData(ISweepStore store) : IViewData
{
    private static readonly ViewColumns<QueuedSweep> Columns = new()
    {
        { "sweep", one => one.Sweep.Id },
        { "state", one => one.Sweep.State.ToString() },
        { "owner", one => one.Sweep.Plan.Owner },
        { "priority", one => one.Sweep.Plan.Priority },
        { "batches_waiting", one => one.Pending },
        { "batches_running", one => one.Leased },
        { "batches_ended", one => one.Ended },
        { "submitted_at", one => Times.Of(one.Sweep.SubmittedAt) },
    };

    public string Name => "queue";

    public bool IsOfSweep => false;

    public async Task<ExportTable?> ReadAsync(ViewRequest request, CancellationToken cancellationToken) => Columns.Of((await new QueueReader(store).ReadAsync(null, cancellationToken)).Sweeps);
}
