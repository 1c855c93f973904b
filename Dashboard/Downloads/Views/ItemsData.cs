using Sweep.Contracts.Results;
using Sweep.Dashboard.Pages.Items;
using Sweep.Dashboard.Reading;
using Sweep.Persistence.Exports;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>A cell's items, unsteered and steered, with the filters of their page.</summary>
internal sealed class ItemsData(CellReader cells) : IViewData
{
    private static readonly ViewColumns<(ItemPair Pair, ItemRows? Rows)> Columns = new()
    {
        { "item", row => row.Pair.Item.Id },
        { "group", row => row.Pair.Item.Group },
        { "split", row => row.Pair.Item.Split.ToString().ToLowerInvariant() },
        { "unsteered", row => row.Pair.BeforeScore },
        { "steered", row => row.Pair.AfterScore },
        { "effect", row => row.Pair.Effect },
        { "unsteered_response", row => Text(row.Rows?.Before) },
        { "steered_response", row => Text(row.Rows?.After) },
        { "unsteered_log_likelihood", row => row.Rows?.Before.LogLikelihood },
        { "steered_log_likelihood", row => row.Rows?.After.LogLikelihood },
        { "steered_flags", row => row.Rows?.After.Flags.ToString() },
        { "prompt_hash", row => row.Rows?.After.PromptHash },
    };

    public string Name => "items";

    public bool IsOfSweep => true;

    public async Task<ExportTable?> ReadAsync(ViewRequest request, CancellationToken cancellationToken)
    {
        if (CellData.Place(request) is not { } place || await cells.FindAsync(request.SweepId, place, cancellationToken) is not { } found)
            return null;
        var shown = ItemFilter.Of(request["show"], request["split"]).Of(found.Pairs);
        var rows = await cells.ReadAsync(found, [.. shown.Select(pair => pair.Item.Id)], cancellationToken);
        return Columns.Of(shown.Select(pair => (pair, rows.GetValueOrDefault(pair.Item.Id))));
    }

    /// <summary>Bytes that are no UTF-8 as the export of rows has them.</summary>
    private static string? Text(ItemResult? row) => row?.Response is { } bytes ? ResponseText.TryDecode(bytes, out var text) ? text : "base64:" + Convert.ToBase64String(bytes) : null;
}
