using Parquet;
using Parquet.Schema;
using Sweep.Contracts.Results;

namespace Sweep.Persistence.Exports;

/// <summary>Item rows as Parquet: text columns and nullable doubles, row groups of 50,000.</summary>
internal static class ItemRowParquet
{
    private const int RowGroup = 50_000;

    public static async Task WriteAsync(IAsyncEnumerable<ItemResult> rows, bool withPairs, Stream target, CancellationToken cancellationToken)
    {
        var columns = ItemRowColumns.Of(withPairs);
        var fields = columns.Select(column => ItemRowColumns.IsNumber(column.Name) ? (DataField)new DataField<double?>(column.Name) : new DataField<string>(column.Name)).ToArray();
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), target, cancellationToken: cancellationToken);
        var buffer = new List<ItemResult>();
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            buffer.Add(row);
            if (buffer.Count == RowGroup)
            {
                await WriteGroupAsync(writer, fields, columns, buffer, cancellationToken);
                buffer.Clear();
            }
        }

        await WriteGroupAsync(writer, fields, columns, buffer, cancellationToken);
    }

    private static async Task WriteGroupAsync(
        ParquetWriter writer, DataField[] fields, IReadOnlyList<(string Name, Func<ItemResult, object?> Value)> columns, List<ItemResult> rows, CancellationToken cancellationToken)
    {
        using var group = writer.CreateRowGroup();
        for (var i = 0; i < fields.Length; i++)
        {
            var value = columns[i].Value;
            if (ItemRowColumns.IsNumber(fields[i].Name))
                await group.WriteAsync<double>(fields[i], rows.Select(row => (double?)value(row)).ToArray(), cancellationToken: cancellationToken);
            else
                await group.WriteAsync(fields[i], (IReadOnlyCollection<string?>)rows.Select(row => (string?)value(row)).ToArray());
        }
    }
}
