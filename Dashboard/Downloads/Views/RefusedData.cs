using Sweep.Contracts.Store;
using Sweep.Persistence.Access;
using Sweep.Persistence.Exports;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>Plans that were refused before a sweep came of them.</summary>
internal sealed class RefusedData(ISweepStore store) : IViewData
{
    private const int Most = 1_000;

    private static readonly ViewColumns<JournalEntry> Columns = new()
    {
        { "at", one => Times.Of(one.At) },
        { "actor", one => one.Actor },
        { "origin", one => one.Origin },
        { "key_or_sweep", one => one.Target },
        { "problems", one => one.Detail },
    };

    public string Name => "refused";

    public bool IsOfSweep => false;

    public async Task<ExportTable?> ReadAsync(ViewRequest request, CancellationToken cancellationToken) => Columns.Of(await store.Access().ListRefusedAsync(JournalEntry.Submit, Most, cancellationToken));
}
