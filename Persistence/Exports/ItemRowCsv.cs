using System.Text;
using Sweep.Contracts.Results;

namespace Sweep.Persistence.Exports;

/// <summary>Item rows as CSV (RFC 4180, header line, LF inside quotes as it was, CRLF between records as the RFC says).</summary>
internal static class ItemRowCsv
{
    public static async Task WriteAsync(IAsyncEnumerable<ItemResult> rows, bool withPairs, Stream target, CancellationToken cancellationToken)
    {
        var columns = ItemRowColumns.Of(withPairs);
        await using var writer = new StreamWriter(target, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\r\n" };
        await writer.WriteLineAsync(string.Join(',', columns.Select(column => column.Name)));
        await foreach (var row in rows.WithCancellation(cancellationToken))
            await writer.WriteLineAsync(string.Join(',', columns.Select(column => Quote(ItemRowColumns.Text(column.Value(row))))));
    }

    internal static string Quote(string value) =>
        value.AsSpan().ContainsAny(",\"\r\n") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}
