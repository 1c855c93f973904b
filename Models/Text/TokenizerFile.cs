using System.Text.Json;
using Sweep.Models.Checkpoints;

namespace Sweep.Models.Text;

/// <summary>What tokenizer.json says, checked; every failure names the JSON path.</summary>
internal sealed class TokenizerFile
{
    private const long MaxBytes = 256_000_000;

    private readonly string _path;

    private TokenizerFile(string path)
    {
        _path = path;
    }

    public Dictionary<string, int> Vocabulary { get; } = new(StringComparer.Ordinal);

    /// <summary>"left right", best first.</summary>
    public List<string> Merges { get; } = [];

    public List<AddedToken> AddedTokens { get; } = [];

    /// <summary>Patterns that cut the text, one after the other.</summary>
    public List<PieceSplitter> Splitters { get; } = [];

    /// <summary>The text is brought to form C first.</summary>
    public bool NormalizesToNfc { get; private set; }

    /// <summary>A section that does not start with a space gets one.</summary>
    public bool AddsPrefixSpace { get; private set; }

    /// <summary>A piece that is a token as a whole is not merged up from bytes.</summary>
    public bool IgnoresMerges { get; private set; }

    /// <exception cref="InvalidCheckpointException">The file is broken, or asks for what is not supported.</exception>
    public static TokenizerFile Read(string path)
    {
        if (!File.Exists(path))
            throw new InvalidCheckpointException($"{path}: found no such file, expected a tokenizer.json");
        using var document = JsonFile.Read(path, MaxBytes, JsonValueKind.Object);
        var file = new TokenizerFile(path);
        var root = document.RootElement;
        file.ReadModel(file.Member(root, "model", "model", JsonValueKind.Object));
        file.ReadAddedTokens(root);
        file.ReadNormalizer(Optional(root, "normalizer"), "normalizer");
        file.ReadPreTokenizer(Optional(root, "pre_tokenizer"), "pre_tokenizer");
        if (Optional(root, "post_processor") is { } post && Type(post) != "ByteLevel")
            throw file.Unsupported("post_processor", post, "null or ByteLevel");
        if (Optional(root, "decoder") is not { } decoder || Type(decoder) != "ByteLevel")
            throw file.Unsupported("decoder", Optional(root, "decoder"), "ByteLevel");
        return file;
    }

    private void ReadModel(JsonElement model)
    {
        if (Type(model) is not (null or "BPE"))
            throw Unsupported("model.type", model, "BPE");
        foreach (var name in (string[])["unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (Optional(model, name) is { } value && !(value.ValueKind == JsonValueKind.String && value.GetString() == ""))
                throw Error($"model.{name}", $"found {JsonFile.Show(value)}, which is not supported, expected null");
        }

        if (Optional(model, "dropout") is { } dropout && !(dropout.ValueKind == JsonValueKind.Number && dropout.GetDouble() == 0))
            throw Error("model.dropout", $"found {JsonFile.Show(dropout)}, expected null: a dropout makes encoding random");
        if (Flag(model, "byte_fallback", "model.byte_fallback"))
            throw Error("model.byte_fallback", "found true, which is not supported, expected false");
        IgnoresMerges = Flag(model, "ignore_merges", "model.ignore_merges");
        ReadVocabulary(Member(model, "vocab", "model.vocab", JsonValueKind.Object));
        ReadMerges(Member(model, "merges", "model.merges", JsonValueKind.Array));
    }

    private void ReadVocabulary(JsonElement vocabulary)
    {
        var owners = new Dictionary<int, string>();
        foreach (var member in vocabulary.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Number || !member.Value.TryGetInt32(out var id) || id < 0)
                throw Error($"model.vocab['{member.Name}']", $"found {JsonFile.Show(member.Value)}, expected a whole number from 0");
            if (!owners.TryAdd(id, member.Name))
                throw Error($"model.vocab['{member.Name}']", $"found id {id}, which is that of '{owners[id]}' already, expected ids that differ");
            Vocabulary.Add(member.Name, id);
        }

        var missing = Enumerable.Range(0, 256).Where(value => CanOccur(value) && !Vocabulary.ContainsKey(ByteAlphabet.Characters[value].ToString())).ToList();
        if (missing.Count > 0)
        {
            var first = $"0x{missing[0]:x2}, written '{ByteAlphabet.Characters[missing[0]]}'";
            throw Error("model.vocab", $"found no token for {missing.Count} of the 243 bytes of UTF-8, the first of them {first}, expected one for each");
        }
    }

    // No text has these bytes in UTF-8, and GPT-NeoX has no tokens for them.
    private static bool CanOccur(int value) => value is not (0xC0 or 0xC1 or >= 0xF5);

    private void ReadMerges(JsonElement merges)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var at = 0;
        foreach (var merge in merges.EnumerateArray())
        {
            var path = $"model.merges[{at++}]";
            string[] parts = merge.ValueKind switch
            {
                JsonValueKind.String => merge.GetString()!.Split(' '),
                JsonValueKind.Array when merge.EnumerateArray().All(part => part.ValueKind == JsonValueKind.String) =>
                    [.. merge.EnumerateArray().Select(part => part.GetString()!)],
                _ => [],
            };
            if (parts.Length != 2)
                throw Error(path, $"found {JsonFile.Show(merge)}, expected two tokens");
            foreach (var token in (string[])[.. parts, parts[0] + parts[1]])
            {
                if (!Vocabulary.ContainsKey(token))
                    throw Error(path, $"found {JsonFile.Show(merge)}, which names '{token}', expected tokens of model.vocab");
            }

            var text = $"{parts[0]} {parts[1]}";
            if (!seen.Add(text))
                throw Error(path, $"found '{text}' a second time, expected each merge once");
            Merges.Add(text);
        }

        if (Merges.Count == 0)
            throw Error("model.merges", "found none, expected at least one");
    }

    private void ReadAddedTokens(JsonElement root)
    {
        if (Optional(root, "added_tokens") is not { } tokens)
            return;
        if (tokens.ValueKind != JsonValueKind.Array)
            throw Error("added_tokens", $"found {JsonFile.Show(tokens)}, expected an array");
        var names = Vocabulary.ToDictionary(pair => pair.Value, pair => pair.Key);
        var at = 0;
        foreach (var token in tokens.EnumerateArray())
        {
            var path = $"added_tokens[{at++}]";
            if (token.ValueKind != JsonValueKind.Object)
                throw Error(path, $"found {JsonFile.Show(token)}, expected an object");
            var content = Member(token, "content", path + ".content", JsonValueKind.String).GetString()!;
            var number = Member(token, "id", path + ".id", JsonValueKind.Number);
            if (!number.TryGetInt32(out var id) || id < 0)
                throw Error(path + ".id", $"found {JsonFile.Show(number)}, expected a whole number from 0");
            if (Vocabulary.TryGetValue(content, out var known) && known != id)
                throw Error(path + ".id", $"found {id} for '{content}', expected {known} as in model.vocab");
            if (!names.TryAdd(id, content) && names[id] != content)
                throw Error(path + ".id", $"found {id} for '{content}', which is the id of '{names[id]}', expected ids that differ");
            AddedTokens.Add(new()
            {
                Id = id,
                Content = content,
                SingleWord = Flag(token, "single_word", path + ".single_word"),
                StripLeft = Flag(token, "lstrip", path + ".lstrip"),
                StripRight = Flag(token, "rstrip", path + ".rstrip"),
                Normalized = Flag(token, "normalized", path + ".normalized"),
                Special = Flag(token, "special", path + ".special"),
            });
        }
    }

    private void ReadNormalizer(JsonElement? normalizer, string path)
    {
        if (normalizer is not { } value)
            return;
        if (Type(value) == "NFC")
        {
            NormalizesToNfc = true;
            return;
        }

        if (Type(value) != "Sequence")
            throw Unsupported(path, value, "null, NFC or a Sequence of NFC");
        var at = 0;
        foreach (var part in Member(value, "normalizers", path + ".normalizers", JsonValueKind.Array).EnumerateArray())
            ReadNormalizer(part, $"{path}.normalizers[{at++}]");
    }

    private void ReadPreTokenizer(JsonElement? preTokenizer, string path)
    {
        const string Expected = "ByteLevel, or a Sequence of Splits that ends with ByteLevel";
        if (preTokenizer is not { } value || Type(value) is not ("ByteLevel" or "Sequence"))
            throw Unsupported(path, preTokenizer, Expected);
        if (Type(value) == "ByteLevel")
        {
            ReadByteLevel(value, path);
            return;
        }

        var parts = Member(value, "pretokenizers", path + ".pretokenizers", JsonValueKind.Array).EnumerateArray().ToList();
        if (parts.Count == 0 || Type(parts[^1]) != "ByteLevel")
            throw Unsupported(path, value, Expected);
        for (var at = 0; at < parts.Count - 1; at++)
            ReadSplit(parts[at], $"{path}.pretokenizers[{at}]");
        var byteLevel = $"{path}.pretokenizers[{parts.Count - 1}]";
        ReadByteLevel(parts[^1], byteLevel);
        if (AddsPrefixSpace && parts.Count > 1)
            throw Error(byteLevel + ".add_prefix_space", "found true after a Split, which is not supported, expected false");
    }

    private void ReadByteLevel(JsonElement value, string path)
    {
        AddsPrefixSpace = Flag(value, "add_prefix_space", path + ".add_prefix_space");
        if (Optional(value, "use_regex") is null || Flag(value, "use_regex", path + ".use_regex"))
            Splitters.Add(new(PieceSplitter.ByteLevelPattern));
    }

    private void ReadSplit(JsonElement value, string path)
    {
        if (Type(value) != "Split")
            throw Unsupported(path, value, "Split, or ByteLevel at the end");
        if (Optional(value, "behavior") is not { ValueKind: JsonValueKind.String } behavior || behavior.GetString() != "Isolated")
            throw Error(path + ".behavior", $"found {Show(Optional(value, "behavior"))}, expected \"Isolated\", which is what is supported");
        if (Flag(value, "invert", path + ".invert"))
            throw Error(path + ".invert", "found true, which is not supported, expected false");
        var pattern = Member(value, "pattern", path + ".pattern", JsonValueKind.Object);
        try
        {
            Splitters.Add(new(Member(pattern, "Regex", path + ".pattern.Regex", JsonValueKind.String).GetString()!));
        }
        catch (ArgumentException dialect)
        {
            throw new InvalidCheckpointException($"{_path}: {path}.pattern.Regex: found a pattern that is not supported: {dialect.Message}", dialect);
        }
    }

    private static JsonElement? Optional(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? Type(JsonElement value) => Optional(value, "type") is { ValueKind: JsonValueKind.String } type ? type.GetString() : null;

    private JsonElement Member(JsonElement parent, string name, string path, JsonValueKind kind) =>
        Optional(parent, name) is { } value && value.ValueKind == kind
            ? value
            : throw Error(path, $"found {Show(Optional(parent, name))}, expected {kind.ToString().ToLowerInvariant()}");

    private bool Flag(JsonElement parent, string name, string path) => Optional(parent, name) switch
    {
        null or { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        { } other => throw Error(path, $"found {JsonFile.Show(other)}, expected true or false"),
    };

    private static string Show(JsonElement? value) => value is { } some ? JsonFile.Show(some) : "none";

    private InvalidCheckpointException Unsupported(string path, JsonElement? value, string expected) =>
        Error(path, $"found {(value is { } some ? Type(some) ?? JsonFile.Show(some) : "none")}, which is not supported, expected {expected}");

    private InvalidCheckpointException Error(string path, string problem) => new($"{_path}: {path}: {problem}");
}
