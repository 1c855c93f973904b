using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Sweep.Models.Checkpoints;

/// <summary>Reads the JSON files of a model folder, strictly; every failure names the file.</summary>
internal static class JsonFile
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <param name="path">The file.</param>
    /// <param name="maxBytes">More than this is refused unread.</param>
    /// <param name="kind">What the file must hold.</param>
    /// <exception cref="InvalidCheckpointException">Not there, too large, no UTF-8, broken JSON, text that is no Unicode, a key twice, or another kind.</exception>
    public static JsonDocument Read(string path, long maxBytes, JsonValueKind kind)
    {
        try
        {
            // The open file's own length: a path may be a link, and what it leads to may grow.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > maxBytes)
                throw new InvalidCheckpointException($"{path}: found {stream.Length} bytes, expected at most {maxBytes}");
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return Parse(path, bytes, kind);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InvalidCheckpointException($"{path}: cannot be read: {failure.Message}", failure);
        }
    }

    private static JsonDocument Parse(string path, byte[] utf8, JsonValueKind kind)
    {
        if (!Utf8.IsValid(utf8))
            throw new InvalidCheckpointException($"{path}: found bytes that are not UTF-8, expected UTF-8 JSON");
        JsonDocument document;
        try
        {
            var json = WithoutBareNumbers(utf8);
            CheckStrings(json);
            document = JsonDocument.Parse(json, Strict);
        }
        catch (JsonException broken)
        {
            throw new InvalidCheckpointException($"{path}: found broken JSON: {broken.Message}", broken);
        }
        catch (InvalidOperationException surrogate)
        {
            throw new InvalidCheckpointException($"{path}: found text that is no valid Unicode: {surrogate.Message}", surrogate);
        }

        if (document.RootElement.ValueKind == kind)
            return document;
        using (document)
            throw new InvalidCheckpointException($"{path}: found {document.RootElement.ValueKind}, expected a JSON {kind.ToString().ToLowerInvariant()}");
    }

    // Half of a surrogate pair, escaped, is valid JSON and valid UTF-8, and no string; whoever reads it later would throw.
    private static void CheckStrings(byte[] utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Strict.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String && reader.ValueIsEscaped)
                _ = reader.GetString();
        }
    }

    // Python writes infinities bare, which is no JSON. Nothing here reads a field that may hold one, so null stands for it.
    private static byte[] WithoutBareNumbers(byte[] utf8)
    {
        var text = utf8.AsSpan();
        if (text.IndexOf("Infinity"u8) < 0 && text.IndexOf("NaN"u8) < 0)
            return utf8;
        var result = new MemoryStream(utf8.Length);
        var quoted = false;
        for (var at = 0; at < text.Length; at++)
        {
            var rest = text[at..];
            var bare = quoted ? 0 : rest.StartsWith("-Infinity"u8) ? 9 : rest.StartsWith("Infinity"u8) ? 8 : rest.StartsWith("NaN"u8) ? 3 : 0;
            if (bare > 0)
            {
                result.Write("null"u8);
                at += bare - 1;
                continue;
            }

            result.WriteByte(text[at]);
            if (quoted && text[at] == '\\' && at + 1 < text.Length)
                result.WriteByte(text[++at]);
            else if (text[at] == '"')
                quoted = !quoted;
        }

        return result.ToArray();
    }

    /// <summary>The value as a message shows it: its JSON, cut.</summary>
    public static string Show(JsonElement value)
    {
        var text = new StringBuilder(value.GetRawText()).Replace('\n', ' ').ToString();
        return text.Length <= 60 ? text : text[..60] + "…";
    }
}
