using System.Text;
using System.Text.Json;

namespace Sweep.Models.Checkpoints;

/// <summary>Reads the JSON files of a model folder, strictly; every failure names the file.</summary>
internal static class JsonFile
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <param name="path">The file.</param>
    /// <param name="maxBytes">More than this is refused unread.</param>
    /// <param name="kind">What the file must hold.</param>
    /// <exception cref="InvalidCheckpointException">Not there, too large, no UTF-8, broken JSON, a key twice, or another kind.</exception>
    public static JsonDocument Read(string path, long maxBytes, JsonValueKind kind)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length > maxBytes)
                throw new InvalidCheckpointException($"{path}: found {length} bytes, expected at most {maxBytes}");
            return Parse(path, File.ReadAllBytes(path), kind);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InvalidCheckpointException($"{path}: cannot be read: {failure.Message}", failure);
        }
    }

    private static JsonDocument Parse(string path, byte[] utf8, JsonValueKind kind)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(WithoutBareNumbers(utf8), Strict);
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
