using System.Globalization;
using System.Text;
using System.Text.Json;
using Sweep.Models.Checkpoints;

namespace Sweep.Models.Text;

/// <summary>
/// Reads tekken.json, Mistral's byte-level vocabulary without merges: tokens are bytes in the order of their ranks, after a number of ids that special tokens have.
/// </summary>
internal static class TekkenFile
{
    private const long MaxBytes = 256_000_000;
    private const int MaxTokens = 1 << 20;

    /// <summary>The special tokens of files that list none.</summary>
    private static readonly string[] Special =
    [
        "<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]", "<pad>", "[PREFIX]", "[MIDDLE]", "[SUFFIX]",
    ];

    /// <exception cref="InvalidCheckpointException">The file is broken, or asks for what is not supported.</exception>
    public static TokenizerDefinition Read(string path)
    {
        using var document = JsonFile.Read(path, MaxBytes, JsonValueKind.Object);
        var root = new TokenizerNode(path, "", document.RootElement);
        var config = root["config"];
        config.Of(JsonValueKind.Object);
        var specials = Count(config["default_num_special_tokens"], MaxTokens);
        var size = Count(config["default_vocab_size"], MaxTokens);
        var splitter = Splitter(config["pattern"]);
        var tokens = new Dictionary<string, (int Id, double Rank)>(StringComparer.Ordinal);
        foreach (var (rank, token) in root["vocab"].Items().Take(size - specials).Index())
            Add(tokens, token, rank, specials);
        var missing = Enumerable.Range(0, 256).Where(value => !tokens.ContainsKey(ByteAlphabet.Characters[value].ToString())).ToList();
        if (missing.Count > 0)
            throw root["vocab"].Error($"found no token for {missing.Count} bytes, the first of them 0x{missing[0]:x2}, expected one for each");
        var added = AddedTokens(root["special_tokens"], specials);
        var ids = tokens.ToDictionary(pair => pair.Key, pair => pair.Value.Id, StringComparer.Ordinal);
        var bytes = tokens.ToDictionary(pair => pair.Value.Id, pair => ByteAlphabet.Read(pair.Key)!);
        foreach (var token in added)
        {
            ids[token.Content] = token.Id;
            bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        }

        return new TokenizerDefinition
        {
            AddedTokens = added,
            Normalizer = [],
            Encoder = new ByteLevelEncoder([new ByteLevelSplitter(splitter, addsPrefixSpace: false)], new RankMerger(tokens, wholeFirst: true)),
            Ids = ids,
            Bytes = bytes,
            Begin = added.FirstOrDefault(token => token.Content == "<s>") is { } begin ? [begin.Id] : [],
        };
    }

    private static void Add(Dictionary<string, (int Id, double Rank)> tokens, TokenizerNode token, int rank, int specials)
    {
        if (token["rank"].Id() != rank)
            throw token["rank"].Error($"found {token["rank"].Shown}, expected {rank}, the place in the list");
        var bytes = new byte[1024];
        if (!Convert.TryFromBase64String(token["token_bytes"].Text(), bytes, out var length) || length == 0)
            throw token["token_bytes"].Error($"found {token["token_bytes"].Shown}, expected 1 to {bytes.Length} bytes in base 64");
        if (!tokens.TryAdd(Written(bytes.AsSpan(0, length)), (rank + specials, rank)))
            throw token["token_bytes"].Error($"found {token["token_bytes"].Shown} a second time, expected tokens that differ");
    }

    private static string Written(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (var value in bytes)
            text.Append(ByteAlphabet.Characters[value]);
        return text.ToString();
    }

    private static IReadOnlyList<AddedToken> AddedTokens(TokenizerNode node, int count)
    {
        var names = new string?[count];
        if (node.IsThere)
        {
            foreach (var token in node.Items())
            {
                var rank = token["rank"].Id();
                if (rank >= count)
                    throw token["rank"].Error($"found {rank}, expected a number below {count}");
                names[rank] = token["token_str"].Text();
            }
        }
        else
        {
            Array.Copy(Special, names, Math.Min(count, Special.Length));
        }

        return [.. names.Select((name, id) => new AddedToken { Id = id, Content = name ?? string.Create(CultureInfo.InvariantCulture, $"<SPECIAL_{id}>"), Special = true })];
    }

    private static PieceSplitter Splitter(TokenizerNode node)
    {
        try
        {
            return new(node.Text());
        }
        catch (ArgumentException dialect)
        {
            throw new InvalidCheckpointException($"{node.File}: {node.Path}: found a pattern that is not supported: {dialect.Message}", dialect);
        }
    }

    private static int Count(TokenizerNode node, int most) => node.Id() is var count && count <= most ? count : throw node.Error($"found {count}, expected at most {most}");
}
