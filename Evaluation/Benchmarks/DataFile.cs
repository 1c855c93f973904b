using System.Text;
using System.Text.Json;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>A benchmark file's content as records of JSON, whether it is JSON, a JSON document a line or Parquet; errors name file and place.</summary>
internal sealed class DataFile(string path, byte[] content)
{
    private const int MaxDepth = 32;

    public string Path { get; } = path;

    public bool IsParquet => ParquetRows.IsParquet(content);

    /// <summary>Decoded strictly: a broken byte is an error, not a replacement character in a prompt.</summary>
    public string Text => field ??= Decoded();

    /// <summary>The whole file as one JSON document.</summary>
    public Node Json()
    {
        try
        {
            using var document = JsonDocument.Parse(Text, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return new Node(this, "$", document.RootElement.Clone());
        }
        catch (JsonException exception)
        {
            throw Broken($"line {exception.LineNumber + 1}", "no valid JSON", "one JSON document");
        }
    }

    /// <summary>One JSON document a line; empty lines are passed over.</summary>
    public IEnumerable<Node> Lines()
    {
        var number = 0;
        foreach (var line in Text.Split('\n'))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            Node node;
            try
            {
                using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = MaxDepth });
                node = new Node(this, $"line {number}", document.RootElement.Clone());
            }
            catch (JsonException)
            {
                throw Broken($"line {number}", "no valid JSON", "one JSON object a line");
            }

            yield return node;
        }
    }

    /// <summary>The file's records: Parquet's rows, the elements of a JSON array, or a line each.</summary>
    public IEnumerable<Node> Records() => IsParquet ? ParquetRows.Read(this, content) : IsArray ? Json().Elements() : Lines();

    /// <summary>
    /// It holds records side by side, not one nested document as some benchmarks are published: Parquet, an array, or lines whose first is an object with one of these fields.
    /// </summary>
    public bool HoldsRecords(params ReadOnlySpan<string> fields) => IsParquet || IsArray || FirstLineHas(fields);

    public InvalidDataFileException Broken(string place, string found, string expected) => new(Path, place, found, expected);

    /// <summary>A bracket alone does not make a list: a line of text may begin with one.</summary>
    private bool IsArray
    {
        get
        {
            var text = Text.AsSpan().TrimStart();
            return text is ['[', ..] && text[1..].TrimStart() is ['{' or ']', ..];
        }
    }

    private bool FirstLineHas(ReadOnlySpan<string> fields)
    {
        var text = Text.AsSpan().TrimStart();
        var end = text.IndexOf('\n');
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text[..(end < 0 ? text.Length : end)].ToArray()), new JsonReaderOptions { MaxDepth = MaxDepth });
        var found = false;
        try
        {
            while (reader.Read())
            {
                if (reader is not { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 })
                    continue;
                foreach (var field in fields)
                    found |= reader.ValueTextEquals(field);
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return false;
        }

        return found;
    }

    private string Decoded()
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException exception)
        {
            throw Broken($"byte {exception.Index}", "no valid UTF-8", "UTF-8 text");
        }
    }
}
