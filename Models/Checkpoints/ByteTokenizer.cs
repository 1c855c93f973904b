using System.Text.Json;
using Sweep.Models.Text;

namespace Sweep.Models.Checkpoints;

/// <summary>The tokenizer of a new model that brings none: a token a byte and a few frequent pairs, in the form of GPT-NeoX' tokenizer.json. Token 0 ends a text, 1 pads.</summary>
internal static class ByteTokenizer
{
    public const string EndOfText = "<|endoftext|>";
    private const string Padding = "<|padding|>";

    /// <summary>Frequent pairs of English; "Ġ" is a space.</summary>
    private static readonly string[] Merges =
        ["Ġ t", "Ġ a", "h e", "i n", "r e", "o n", "Ġt he", "e r", "Ġ s", "a t", "Ġ w", "Ġ o", "e n", "Ġ c"];

    /// <summary>Tokens, and so the smallest vocabulary.</summary>
    public static int Count => 2 + 256 + Merges.Length;

    public static void Write(string path)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write);
        using var json = new Utf8JsonWriter(stream, new() { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        WriteAdded(json, 0, EndOfText);
        WriteAdded(json, 1, Padding);
        json.WriteEndArray();
        json.WriteNull("normalizer");
        WriteByteLevel(json, "pre_tokenizer", false);
        json.WriteNull("post_processor");
        WriteByteLevel(json, "decoder", true);
        WriteModel(json);
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteStartObject("vocab");
        string[] tokens = [EndOfText, Padding, .. Enumerable.Range(0, 256).Select(value => ByteAlphabet.Characters[value].ToString()), .. Merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal))];
        foreach (var (id, token) in tokens.Index())
            json.WriteNumber(token, id);
        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (var merge in Merges)
            json.WriteStringValue(merge);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteAdded(Utf8JsonWriter json, int id, string content)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteString("content", content);
        foreach (var name in (string[])["single_word", "lstrip", "rstrip", "normalized"])
            json.WriteBoolean(name, false);
        json.WriteBoolean("special", true);
        json.WriteEndObject();
    }

    private static void WriteByteLevel(Utf8JsonWriter json, string name, bool prefix)
    {
        json.WriteStartObject(name);
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", prefix);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", true);
        json.WriteEndObject();
    }
}
