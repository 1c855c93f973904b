using Sweep.Contracts.Store;
using Sweep.Dashboard.Live;
using Sweep.Persistence.Exports;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>All workers that were heard of.</summary>
internal sealed class WorkersData(ISweepStore store, IGrainFactory grains, TimeProvider time) : IViewData
{
    private static readonly ViewColumns<FleetWorker> Columns = new()
    {
        { "worker", one => one.Description.WorkerId },
        { "device", one => one.Description.Device },
        { "device_name", one => one.Description.Facts?.Name },
        { "device_memory_bytes", one => one.Description.Facts?.MemoryBytes },
        { "device_memory_in_use", one => one.Status?.DeviceMemoryInUse },
        { "process_memory", one => one.Status?.ProcessMemory },
        { "state", one => one.State },
        { "batch", one => one.Status?.BatchId },
        { "lease_seconds", one => one.BatchAge?.TotalSeconds },
        { "micro_batches_done", one => one.Status?.MicroBatchesDone },
        { "micro_batches", one => one.Status?.MicroBatches },
        { "model", one => one.Model },
        { "rows", one => one.Status?.RowsDone },
        { "tokens", one => one.Status?.Tokens },
        { "busy_seconds", one => one.Status?.BusySeconds },
        { "tokens_per_second", one => one.Status?.TokensPerSecond },
        { "faults", one => one.Status?.Faults },
        { "last_fault", one => one.Status?.LastFault },
    };

    public string Name => "workers";

    public bool IsOfSweep => false;

    public async Task<ExportTable?> ReadAsync(ViewRequest request, CancellationToken cancellationToken) =>
        Columns.Of((await new FleetReader(store, grains, time).ReadAsync(null, cancellationToken)).Workers.OrderBy(one => one.Description.WorkerId, StringComparer.Ordinal));
}
