using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sweep.Models.Text;

/// <summary>What a tokenizer.json says, checked: byte-level BPE with added tokens; every other kind is refused by naming its place.</summary>
internal sealed partial class TokenizerDefinition
{
    private const long MaxBytes = 64L << 20;

    private TokenizerDefinition(string path) => _path = path;

    private readonly string _path;

    public Dictionary<string, int> Vocabulary { get; } = new(StringComparer.Ordinal);

    public List<(string Left, string Right)> Merges { get; } = [];

    public List<AddedToken> Added { get; } = [];

    public bool NormalizesToNfc { get; private set; }

    public Regex PreTokenizer { get; private set; } = Gpt2();

    public string Hash { get; private set; } = "";

    public static TokenizerDefinition Read(string path)
    {
        var definition = new TokenizerDefinition(path);
        if (!File.Exists(path))
            throw definition.Broken("file", "none", "a tokenizer.json");
        if (new FileInfo(path).Length > MaxBytes)
            throw definition.Broken("file", $"{new FileInfo(path).Length} bytes", $"at most {MaxBytes}");
        var content = File.ReadAllBytes(path);
        definition.Hash = FileHash.Of(content);
        try
        {
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 32 });
            definition.Parse(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InvalidCheckpointException($"{path}: found no usable tokenizer ({exception.Message}), expected Hugging Face's tokenizer.json", exception);
        }

        return definition;
    }

    private void Parse(JsonElement root)
    {
        ParseNormalizer(root);
        ParsePreTokenizer(root);
        var model = Member(root, "model", JsonValueKind.Object);
        var type = model.TryGetProperty("type", out var stated) ? stated.GetString() : "BPE";
        if (type != "BPE")
            throw Broken("model.type", $"'{type}'", "'BPE'");
        foreach (var pair in Member(model, "vocab", JsonValueKind.Object).EnumerateObject())
            Vocabulary[pair.Name] = pair.Value.GetInt32();
        if (Vocabulary.Values.Distinct().Count() != Vocabulary.Count)
            throw Broken("model.vocab", "an id twice", "distinct ids");
        ParseMerges(model);
        ParseAdded(root);
    }

    private void ParseNormalizer(JsonElement root)
    {
        if (!root.TryGetProperty("normalizer", out var normalizer) || normalizer.ValueKind == JsonValueKind.Null)
            return;
        var type = Member(normalizer, "type", JsonValueKind.String).GetString();
        if (type != "NFC")
            throw Broken("normalizer.type", $"'{type}'", "NFC or none");
        NormalizesToNfc = true;
    }

    private void ParsePreTokenizer(JsonElement root)
    {
        var pre = Member(root, "pre_tokenizer", JsonValueKind.Object);
        var parts = pre.GetProperty("type").GetString() == "Sequence" ? pre.GetProperty("pretokenizers").EnumerateArray().ToArray() : [pre];
        var byteLevel = false;
        foreach (var part in parts)
        {
            var type = part.GetProperty("type").GetString();
            switch (type)
            {
                case "ByteLevel":
                    if (part.TryGetProperty("add_prefix_space", out var prefix) && prefix.GetBoolean())
                        throw Broken("pre_tokenizer.add_prefix_space", "true", "false");
                    byteLevel = true;
                    break;
                case "Split" when part.GetProperty("pattern").TryGetProperty("Regex", out var regex):
                    PreTokenizer = new Regex(regex.GetString()!, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));
                    break;
                default:
                    throw Broken("pre_tokenizer", $"'{type}'", "ByteLevel, or Split by a regex and ByteLevel");
            }
        }

        if (!byteLevel)
            throw Broken("pre_tokenizer", "no ByteLevel", "ByteLevel");
    }

    private void ParseMerges(JsonElement model)
    {
        var merges = Member(model, "merges", JsonValueKind.Array);
        foreach (var merge in merges.EnumerateArray())
        {
            var (left, right) = ("", "");
            if (merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2)
                (left, right) = (merge[0].GetString()!, merge[1].GetString()!);
            else if (merge.ValueKind == JsonValueKind.String && merge.GetString()!.Split(' ') is [var a, var b])
                (left, right) = (a, b);
            else
                throw Broken($"model.merges[{Merges.Count}]", merge.GetRawText(), "two tokens");
            foreach (var token in (string[])[left, right, left + right])
            {
                if (!Vocabulary.ContainsKey(token))
                    throw Broken($"model.merges[{Merges.Count}]", $"'{token}', which model.vocab lacks", "tokens of the vocabulary");
            }

            Merges.Add((left, right));
        }

        if (Merges.Count == 0)
            throw Broken("model.merges", "none", "the merges of a BPE, in order");
    }

    private void ParseAdded(JsonElement root)
    {
        if (!root.TryGetProperty("added_tokens", out var added))
            return;
        foreach (var token in added.EnumerateArray())
        {
            var content = token.GetProperty("content").GetString()!;
            foreach (var option in (string[])["single_word", "lstrip", "rstrip"])
            {
                if (token.TryGetProperty(option, out var value) && value.GetBoolean())
                    throw Broken($"added_tokens '{content}'", $"{option} true", "false");
            }

            if (content.Length == 0)
                throw Broken("added_tokens", "an empty token", "text");
            Added.Add(new AddedToken(content, token.GetProperty("id").GetInt32(), token.TryGetProperty("special", out var special) && special.GetBoolean()));
        }
    }

    private JsonElement Member(JsonElement parent, string name, JsonValueKind kind)
    {
        if (!parent.TryGetProperty(name, out var value) || value.ValueKind != kind)
            throw Broken(name, parent.TryGetProperty(name, out value) ? value.ValueKind.ToString() : "nothing", kind.ToString());
        return value;
    }

    private InvalidCheckpointException Broken(string place, string found, string expected) => new($"{_path}: {place}: found {found}, expected {expected}");

    /// <summary>The split that byte-level BPE uses where the file states none (GPT-2): contractions, words, numbers, other signs, spaces.</summary>
    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Gpt2();
}
