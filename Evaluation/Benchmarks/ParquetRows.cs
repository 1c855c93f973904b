using System.Buffers;
using System.Text.Json;
using Parquet;
using Parquet.Serialization;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>The rows of a Parquet file as JSON objects, one row group in memory at a time, within bounds.</summary>
internal static class ParquetRows
{
    private const int MaxDepth = 32;

    public static bool IsParquet(ReadOnlySpan<byte> content) => content.StartsWith("PAR1"u8);

    public static IEnumerable<Node> Read(DataFile file, byte[] content)
    {
        ParquetStructure.Check(file, content);
        var groups = Try(file, "footer", () => Groups(content));
        var number = 0L;
        for (var group = 0; group < groups; group++)
        {
            var rows = Try(file, $"row group {group + 1}", () => Rows(content, group));
            foreach (var row in rows)
            {
                number++;
                yield return new Node(file, $"row {number}", Try(file, $"row {number}", () => Json(row)));
            }
        }
    }

    private static int Groups(byte[] content)
    {
        using var stream = new MemoryStream(content, writable: false);
        var reader = ParquetReader.CreateAsync(stream).GetAwaiter().GetResult();
        try
        {
            return reader.RowGroupCount;
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static IList<Dictionary<string, object>> Rows(byte[] content, int group)
    {
        using var stream = new MemoryStream(content, writable: false);
        return ParquetSerializer.DeserializeUntypedAsync(stream, rowGroupIndex: group).GetAwaiter().GetResult().Data;
    }

    private static JsonElement Json(Dictionary<string, object> row)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = MaxDepth }))
            Write(writer, row);
        using var document = JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = MaxDepth });
        return document.RootElement.Clone();
    }

    private static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case byte[] bytes:
                writer.WriteStringValue(bytes);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case float or double:
                WriteNumber(writer, Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                writer.WriteNumberValue(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case System.Collections.IDictionary members:
                writer.WriteStartObject();
                foreach (System.Collections.DictionaryEntry member in members)
                {
                    writer.WritePropertyName(member.Key.ToString()!);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case System.Collections.IEnumerable elements:
                writer.WriteStartArray();
                foreach (var element in elements)
                    Write(writer, element);
                writer.WriteEndArray();
                break;
            default:
                writer.WriteStringValue(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }

    /// <summary>JSON has no word for what is not finite.</summary>
    private static void WriteNumber(Utf8JsonWriter writer, double number)
    {
        if (double.IsFinite(number))
            writer.WriteNumberValue(number);
        else
            writer.WriteNullValue();
    }

    /// <summary>The library answers a broken file with whatever its decoder stumbled over: all of it says the same to who gave the file.</summary>
    private static T Try<T>(DataFile file, string place, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception broken) when (broken is not InvalidDataFileException)
        {
            throw file.Broken(place, "what cannot be read as Parquet", "a whole Parquet file");
        }
    }
}
