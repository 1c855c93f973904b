using System.Globalization;
using Sweep.Contracts.Store;
using Sweep.Persistence.Access;
using Sweep.Persistence.Exports;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>A page of the journal.</summary>
internal sealed class JournalData(ISweepStore store) : IViewData
{
    /// <summary>Entries of a page.</summary>
    public const int Size = 100;

    private static readonly ViewColumns<JournalEntry> Columns = new()
    {
        { "id", one => one.Id },
        { "at", one => Times.Of(one.At) },
        { "actor", one => one.Actor },
        { "action", one => one.Action },
        { "target", one => one.Target },
        { "origin", one => one.Origin },
        { "outcome", one => one.Outcome.ToString() },
        { "detail", one => one.Detail },
    };

    public string Name => "journal";

    public bool IsOfSweep => false;

    public AccessRole Needed => AccessRole.Admin;

    public async Task<ExportTable?> ReadAsync(ViewRequest request, CancellationToken cancellationToken) =>
        Columns.Of(await store.Access().ReadJournalAsync(long.TryParse(request["before"], NumberStyles.None, CultureInfo.InvariantCulture, out var before) ? before : long.MaxValue, Size, cancellationToken));
}
