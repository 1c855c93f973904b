using System.Globalization;
using System.Text.Json;

namespace Sweep.Models.Text;

/// <summary>The tables of tokenizer.json: tokens, merges, added tokens.</summary>
internal static class TokenizerVocabulary
{
    public static Dictionary<string, int> Read(TokenizerNode node)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        var owners = new Dictionary<int, string>();
        foreach (var member in node.Of(JsonValueKind.Object).EnumerateObject())
        {
            var place = new TokenizerNode(node.File, $"{node.Path}['{member.Name}']", member.Value);
            if (member.Value.ValueKind != JsonValueKind.Number || !member.Value.TryGetInt32(out var id) || id < 0)
                throw place.Error($"found {place.Shown}, expected a whole number from 0");
            if (!owners.TryAdd(id, member.Name))
                throw place.Error($"found id {id}, which is that of '{owners[id]}' already, expected ids that differ");
            vocabulary.Add(member.Name, id);
        }

        return vocabulary;
    }

    /// <summary>Bytes, in the byte alphabet, that are no tokens: in Falcon's vocabulary some control characters and the lead bytes of planes that hold no text. Text loses them, as it does in Hugging Face's tokenizers.</summary>
    /// <exception cref="InvalidCheckpointException">Any other byte of UTF-8 is no token.</exception>
    public static IReadOnlySet<char> LostBytes(Dictionary<string, int> vocabulary, TokenizerNode node)
    {
        var missing = Enumerable.Range(0, 256).Where(value => CanOccur(value) && !vocabulary.ContainsKey(ByteAlphabet.Characters[value].ToString())).ToList();
        if (missing.Find(value => value is not (< 0x20 or 0x7F or > 0xF0)) is > 0 and var other)
            throw node.Error($"found no token for {missing.Count} of the 243 bytes of UTF-8, among them 0x{other:x2}, written '{ByteAlphabet.Characters[other]}', expected one for each but control characters and bytes above 0xf0");
        return missing.Select(value => ByteAlphabet.Characters[value]).ToHashSet();
    }

    /// <summary>The tokens &lt;0x00&gt; to &lt;0xFF&gt;, by byte.</summary>
    public static int[] ByteTokens(IReadOnlyDictionary<string, int> vocabulary, TokenizerNode asked)
    {
        var tokens = new int[256];
        for (var value = 0; value < tokens.Length; value++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");
            tokens[value] = vocabulary.TryGetValue(name, out var id) ? id : throw asked.Error($"found true and no token '{name}', expected one for each byte");
        }

        return tokens;
    }

    /// <summary>"left right", best first.</summary>
    public static List<string> Merges(Dictionary<string, int> vocabulary, TokenizerNode node)
    {
        var merges = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var merge in node.Items())
        {
            string[] parts = merge.Value switch
            {
                { ValueKind: JsonValueKind.String } text => text.GetString()!.Split(' '),
                { ValueKind: JsonValueKind.Array } pair when pair.EnumerateArray().All(part => part.ValueKind == JsonValueKind.String) =>
                    [.. pair.EnumerateArray().Select(part => part.GetString()!)],
                _ => [],
            };
            if (parts.Length != 2)
                throw merge.Error($"found {merge.Shown}, expected two tokens");
            foreach (var token in (string[])[.. parts, parts[0] + parts[1]])
            {
                if (!vocabulary.ContainsKey(token))
                    throw merge.Error($"found {merge.Shown}, which names '{token}', expected tokens of model.vocab");
            }

            var joined = $"{parts[0]} {parts[1]}";
            if (!seen.Add(joined))
                throw merge.Error($"found '{joined}' a second time, expected each merge once");
            merges.Add(joined);
        }

        return merges.Count > 0 ? merges : throw node.Error("found none, expected at least one");
    }

    public static IReadOnlyList<AddedToken> AddedTokens(Dictionary<string, int> vocabulary, TokenizerNode node)
    {
        if (!node.IsThere)
            return [];
        if (node.Value!.Value.ValueKind != JsonValueKind.Array)
            throw node.Error($"found {node.Shown}, expected an array");
        var names = vocabulary.ToDictionary(pair => pair.Value, pair => pair.Key);
        var added = new List<AddedToken>();
        foreach (var token in node.Items())
        {
            if (token.Value!.Value.ValueKind != JsonValueKind.Object)
                throw token.Error($"found {token.Shown}, expected an object");
            var content = token["content"].Text();
            var id = token["id"].Id();
            if (vocabulary.TryGetValue(content, out var known) && known != id)
                throw token["id"].Error($"found {id} for '{content}', expected {known} as in model.vocab");
            if (!names.TryAdd(id, content) && names[id] != content)
                throw token["id"].Error($"found {id} for '{content}', which is the id of '{names[id]}', expected ids that differ");
            added.Add(new()
            {
                Id = id,
                Content = content,
                SingleWord = token["single_word"].Flag(),
                StripLeft = token["lstrip"].Flag(),
                StripRight = token["rstrip"].Flag(),
                Normalized = token["normalized"].Flag(),
                Special = token["special"].Flag(),
            });
        }

        return added;
    }

    // No text has these bytes in UTF-8, and GPT-NeoX has no tokens for them.
    private static bool CanOccur(int value) => value is not (0xC0 or 0xC1 or >= 0xF5);
}
