using System.Text;
using System.Text.Json;
using Sweep.Models.Checkpoints;

namespace Sweep.Models.Text;

/// <summary>Reads tokenizer.json, strictly; every failure names the JSON path.</summary>
internal static class TokenizerFile
{
    private const long MaxBytes = 256_000_000;

    /// <exception cref="InvalidCheckpointException">The file is broken, or asks for what is not supported.</exception>
    public static TokenizerDefinition Read(string path)
    {
        using var document = JsonFile.Read(path, MaxBytes, JsonValueKind.Object);
        var root = new TokenizerNode(path, "", document.RootElement);
        var model = root["model"];
        model.Of(JsonValueKind.Object);
        if (model.Type is not (null or "BPE"))
            throw model["type"].Error($"found {model.Type}, which is not supported, expected BPE");
        if (model["dropout"].Value is { } dropout && !(dropout.ValueKind == JsonValueKind.Number && dropout.GetDouble() == 0))
            throw model["dropout"].Error($"found {model["dropout"].Shown}, expected null: a dropout makes encoding random");
        foreach (var name in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            RequireEmpty(model[name]);
        var fallsBack = model["byte_fallback"].Flag();
        if (!fallsBack)
            RequireEmpty(model["unk_token"]);
        var vocabulary = TokenizerVocabulary.Read(model["vocab"]);
        var bytes = fallsBack ? TokenizerVocabulary.ByteTokens(vocabulary, model["byte_fallback"]) : [];
        var lost = fallsBack ? new HashSet<char>() : TokenizerVocabulary.LostBytes(vocabulary, model["vocab"]);
        var merger = new PairMerger(vocabulary, TokenizerVocabulary.Merges(vocabulary, model["merges"]), lost, model["ignore_merges"].Flag());
        var added = TokenizerVocabulary.AddedTokens(vocabulary, root["added_tokens"]);
        var normalizer = TokenizerSteps.Normalizer(root["normalizer"]);
        ISectionEncoder encoder = fallsBack
            ? TokenizerSteps.Metaspace(root["pre_tokenizer"], merger, vocabulary.Keys, bytes)
            : new ByteLevelEncoder(TokenizerSteps.Splitters(root["pre_tokenizer"]), merger);
        var begin = TokenizerSteps.Begin(root["post_processor"]);
        TokenizerSteps.RequireDecoder(root["decoder"], fallsBack);
        return new TokenizerDefinition
        {
            AddedTokens = added,
            Normalizer = normalizer,
            Encoder = encoder,
            Ids = Ids(vocabulary, added),
            Bytes = Bytes(vocabulary, added, fallsBack ? Marked : Alphabetic, bytes),
            Begin = begin,
        };
    }

    private static void RequireEmpty(TokenizerNode node)
    {
        if (node.Value is { } value && !(value.ValueKind == JsonValueKind.String && value.GetString() == ""))
            throw node.Error($"found {node.Shown}, which is not supported, expected null");
    }

    private static Dictionary<string, int> Ids(Dictionary<string, int> vocabulary, IEnumerable<AddedToken> added)
    {
        var ids = new Dictionary<string, int>(vocabulary, StringComparer.Ordinal);
        foreach (var token in added)
            ids[token.Content] = token.Id;
        return ids;
    }

    private static Dictionary<int, byte[]> Bytes(Dictionary<string, int> vocabulary, IEnumerable<AddedToken> added, Func<string, byte[]> bytesOf, int[] byteTokens)
    {
        var bytes = vocabulary.ToDictionary(pair => pair.Value, pair => bytesOf(pair.Key));
        foreach (var (value, id) in byteTokens.Index())
            bytes[id] = [(byte)value];
        foreach (var token in added)
            bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        return bytes;
    }

    private static byte[] Alphabetic(string token) => ByteAlphabet.Read(token) ?? Encoding.UTF8.GetBytes(token);

    private static byte[] Marked(string token) => Encoding.UTF8.GetBytes(token.Replace(MetaspaceEncoder.Mark, " ", StringComparison.Ordinal));
}
