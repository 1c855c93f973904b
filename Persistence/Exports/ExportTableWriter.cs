using System.Globalization;
using System.Text;
using System.Text.Json;
using Parquet;
using Parquet.Schema;
using Sweep.Contracts.Json;

namespace Sweep.Persistence.Exports;

/// <summary>Writes tables in each format: CSV with a header line, JSON as a list of objects, Parquet with text columns and nullable doubles.</summary>
public static class ExportTableWriter
{
    public static async Task WriteAsync(ExportTable table, ExportFormat format, Stream target, CancellationToken cancellationToken)
    {
        switch (format)
        {
            case ExportFormat.Csv:
                await WriteCsvAsync(table, target);
                break;
            case ExportFormat.Json:
                WriteJson(table, target);
                break;
            case ExportFormat.Parquet:
                await WriteParquetAsync(table, target, cancellationToken);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, "expected Csv, Json or Parquet");
        }
    }

    private static async Task WriteCsvAsync(ExportTable table, Stream target)
    {
        await using var writer = new StreamWriter(target, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\r\n" };
        await writer.WriteLineAsync(string.Join(',', table.Columns.Select(column => column.Name)));
        foreach (var row in table.Rows)
            await writer.WriteLineAsync(string.Join(',', row.Select(Field)));
    }

    /// <summary>Such a table is opened in spreadsheets, and its texts come from whoever submitted or answered something: one that they would take for a formula is made text.</summary>
    private static string Field(object? value) => value switch
    {
        null => "",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        string text => ItemRowCsv.Quote(text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text),
        _ => throw new ArgumentException($"found a {value.GetType().Name}, expected text or a double"),
    };

    private static void WriteJson(ExportTable table, Stream target)
    {
        using var json = new Utf8JsonWriter(target, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = SweepJson.Options.Encoder });
        json.WriteStartArray();
        foreach (var row in table.Rows)
        {
            json.WriteStartObject();
            for (var index = 0; index < table.Columns.Count; index++)
            {
                if (row[index] is double number && double.IsFinite(number))
                    json.WriteNumber(table.Columns[index].Name, number);
                else
                    json.WriteString(table.Columns[index].Name, row[index] as string);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static async Task WriteParquetAsync(ExportTable table, Stream target, CancellationToken cancellationToken)
    {
        var fields = table.Columns.Select(column => column.IsNumber ? (DataField)new DataField<double?>(column.Name) : new DataField<string>(column.Name)).ToArray();
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), target, cancellationToken: cancellationToken);
        using var group = writer.CreateRowGroup();
        for (var index = 0; index < fields.Length; index++)
        {
            var column = index;
            if (table.Columns[column].IsNumber)
                await group.WriteAsync<double>(fields[column], table.Rows.Select(row => (double?)row[column]).ToArray(), cancellationToken: cancellationToken);
            else
                await group.WriteAsync(fields[column], (IReadOnlyCollection<string?>)table.Rows.Select(row => (string?)row[column]).ToArray());
        }
    }
}
