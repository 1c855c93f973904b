using System.Text;
using System.Text.Json.Nodes;

namespace Sweep.Models.Tests.Text;

/// <summary>Tokens and merges of a GGUF file of version 3 (a vocabulary and nothing else), which is how Falcon's is at hand.</summary>
internal static class GgufVocabulary
{
    /// <summary>The model part of a tokenizer.json, and the control tokens in the order of their ids.</summary>
    public static (JsonObject Model, IReadOnlyList<string> Control) Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path), Encoding.UTF8);
        var (magic, version, tensors, count) = (reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt64(), reader.ReadUInt64());
        if ((magic, version, tensors) != (0x46554747, 3, 0))
            throw new InvalidDataException($"{path}: found another file, expected GGUF 3 without tensors");
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        for (var read = 0UL; read < count; read++)
            values.Add(Text(reader), Value(reader, reader.ReadUInt32()));
        var tokens = ((object[])values["tokenizer.ggml.tokens"]).Cast<string>().ToArray();
        var kinds = ((object[])values["tokenizer.ggml.token_type"]).Cast<int>();
        var model = new JsonObject
        {
            ["type"] = "BPE",
            ["vocab"] = new JsonObject(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            ["merges"] = new JsonArray([.. ((object[])values["tokenizer.ggml.merges"]).Select(merge => (JsonNode)(string)merge)]),
        };
        return (model, [.. tokens.Zip(kinds).Where(pair => pair.Second == 3).Select(pair => pair.First)]);
    }

    private static object Value(BinaryReader reader, uint type) => type switch
    {
        4 => reader.ReadUInt32(),
        5 => reader.ReadInt32(),
        6 => reader.ReadSingle(),
        7 => reader.ReadBoolean(),
        8 => Text(reader),
        9 => Array(reader),
        10 => reader.ReadUInt64(),
        _ => throw new InvalidDataException($"found a value of type {type}"),
    };

    private static object[] Array(BinaryReader reader)
    {
        var (type, count) = (reader.ReadUInt32(), reader.ReadUInt64());
        var values = new object[count];
        for (var at = 0; at < values.Length; at++)
            values[at] = Value(reader, type);
        return values;
    }

    private static string Text(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUInt64()));
}
