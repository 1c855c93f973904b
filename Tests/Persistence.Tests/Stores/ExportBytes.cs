using Sweep.Contracts.Store;
using Sweep.Persistence.Exports;

namespace Sweep.Persistence.Tests.Stores;

internal static class ExportBytes
{
    public static async Task<byte[]> OfAsync(ISweepStore store, ExportFormat format, bool withRun, CancellationToken cancellationToken)
    {
        using var target = new MemoryStream();
        await SweepExporter.ExportAsync(store, Rows.SweepId, format, withRun, target, cancellationToken);
        return target.ToArray();
    }
}
