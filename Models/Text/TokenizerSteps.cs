using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sweep.Models.Text;

/// <summary>The steps around the model in tokenizer.json: normalizer, pre-tokenizer, post-processor, decoder.</summary>
internal static class TokenizerSteps
{
    private const int MostSteps = 16;

    public static IReadOnlyList<NormalizerStep> Normalizer(TokenizerNode node)
    {
        if (!node.IsThere)
            return [];
        return node.Type switch
        {
            "NFC" => [new NormalizerStep.Compose()],
            "Prepend" => [new NormalizerStep.Prepend(node["prepend"].Text())],
            "Replace" => [new NormalizerStep.Replace(Literal(node["pattern"]), node["content"].Text())],
            "Sequence" => [.. Parts(node["normalizers"]).SelectMany(Normalizer)],
            _ => throw node.Unsupported("null, NFC, Prepend, Replace or a Sequence of them"),
        };
    }

    /// <summary>The cuts of a byte-level family.</summary>
    public static IReadOnlyList<IPieceSplitter> Splitters(TokenizerNode node)
    {
        const string Expected = "ByteLevel, or a Sequence with one among Split, Digits and Punctuation";
        if (node.Type == "ByteLevel")
            return [ByteLevel(node, isFirst: true)];
        if (node.Type != "Sequence")
            throw node.Unsupported(Expected);
        var parts = Parts(node["pretokenizers"]);
        if (parts.Count(part => part.Type == "ByteLevel") != 1)
            throw node.Unsupported(Expected);
        return [.. parts.Select((part, at) => Splitter(part, at == 0))];
    }

    /// <summary>The encoder of a family with a mark for spaces.</summary>
    public static MetaspaceEncoder Metaspace(TokenizerNode node, IPieceMerger merger, IReadOnlyCollection<string> tokens, int[] bytes)
    {
        if (!node.IsThere)
            return new(MetaspacePrefix.Never, marksSpaces: false, merger, tokens, bytes);
        if (node.Type != "Metaspace")
            throw node.Unsupported("null or Metaspace, as model.byte_fallback is true");
        if (node["replacement"].Text() != MetaspaceEncoder.Mark)
            throw node["replacement"].Error($"found {node["replacement"].Shown}, expected \"{MetaspaceEncoder.Mark}\"");
        var prefix = node["prepend_scheme"].IsThere
            ? node["prepend_scheme"].Text() switch
            {
                "always" => MetaspacePrefix.Always,
                "first" => MetaspacePrefix.First,
                "never" => MetaspacePrefix.Never,
                _ => throw node["prepend_scheme"].Error($"found {node["prepend_scheme"].Shown}, expected always, first or never"),
            }
            : node["add_prefix_space"].Flag(otherwise: true) ? MetaspacePrefix.Always : MetaspacePrefix.Never;
        if (node["split"].Flag(otherwise: true))
            throw node["split"].Error($"found {node["split"].Shown}, which is not supported, expected false");
        return new(prefix, marksSpaces: true, merger, tokens, bytes);
    }

    /// <summary>The tokens that are put before a prompt.</summary>
    public static IReadOnlyList<int> Begin(TokenizerNode node)
    {
        switch (node.IsThere ? node.Type : "ByteLevel")
        {
            case "ByteLevel":
                return [];
            case "Sequence":
                return [.. Parts(node["processors"]).SelectMany(Begin)];
            case "TemplateProcessing":
                break;
            default:
                throw node.Unsupported("null, ByteLevel, TemplateProcessing or a Sequence of them");
        }

        var single = node["single"];
        var begin = new List<int>();
        var isBefore = true;
        foreach (var part in Parts(single))
        {
            if (part["Sequence"].IsThere && isBefore)
                isBefore = false;
            else if (part["SpecialToken"].IsThere && isBefore)
                begin.AddRange(Parts(node["special_tokens"][part["SpecialToken"]["id"].Text()]["ids"]).Select(id => id.Id()));
            else
                throw part.Error($"found {part.Shown}, which is not supported, expected tokens before the text only");
        }

        return isBefore ? throw single.Error($"found {single.Shown}, expected the text in it") : begin;
    }

    /// <exception cref="InvalidCheckpointException">Tokens are put together to text in another way than the family's.</exception>
    public static void RequireDecoder(TokenizerNode node, bool isMetaspace)
    {
        if (!isMetaspace)
        {
            if (node.Type != "ByteLevel")
                throw node.Unsupported("ByteLevel");
            return;
        }

        var parts = node.Type == "Sequence" ? Parts(node["decoders"]) : [node];
        foreach (var part in parts)
        {
            var isReplaced = part.Type == "Replace" && Literal(part["pattern"]) == MetaspaceEncoder.Mark && part["content"].Text() == " ";
            if (!isReplaced && part.Type is not ("ByteFallback" or "Fuse" or "Strip" or "Metaspace"))
                throw part.Unsupported($"a Replace of {MetaspaceEncoder.Mark} by a space, ByteFallback, Fuse, Strip or Metaspace, as model.byte_fallback is true");
        }
    }

    private static IPieceSplitter Splitter(TokenizerNode node, bool isFirst)
    {
        switch (node.Type)
        {
            case "ByteLevel":
                return ByteLevel(node, isFirst);
            case "Digits":
                return new PieceSplitter(node["individual_digits"].Flag() ? PieceSplitter.Digit : PieceSplitter.Digits);
            case "Punctuation":
                return new PieceSplitter(Behavior(node["behavior"], "Isolated", "Contiguous") == "Contiguous" ? PieceSplitter.PunctuationRun : PieceSplitter.Punctuation);
            case "Split":
                Behavior(node["behavior"], "Isolated");
                if (node["invert"].Flag())
                    throw node["invert"].Error("found true, which is not supported, expected false");
                return Pattern(node["pattern"]);
            default:
                throw node.Unsupported("Split, Digits, Punctuation or ByteLevel");
        }
    }

    private static ByteLevelSplitter ByteLevel(TokenizerNode node, bool isFirst)
    {
        var addsPrefixSpace = node["add_prefix_space"].Flag();
        if (addsPrefixSpace && !isFirst)
            throw node["add_prefix_space"].Error("found true after a Split, which is not supported, expected false");
        return new(node["use_regex"].Flag(otherwise: true) ? new PieceSplitter(PieceSplitter.ByteLevelPattern) : null, addsPrefixSpace);
    }

    private static string Behavior(TokenizerNode node, params string[] supported) =>
        node.Value is { ValueKind: JsonValueKind.String } value && supported.Contains(value.GetString())
            ? value.GetString()!
            : throw node.Error($"found {node.Shown}, expected \"{string.Join("\" or \"", supported)}\", which is what is supported");

    private static PieceSplitter Pattern(TokenizerNode node)
    {
        node.Of(JsonValueKind.Object);
        if (node["String"].IsThere)
            return new(Regex.Escape(node["String"].Text()));
        try
        {
            return new(node["Regex"].Text());
        }
        catch (ArgumentException dialect)
        {
            throw new InvalidCheckpointException($"{node.File}: {node.Path}.Regex: found a pattern that is not supported: {dialect.Message}", dialect);
        }
    }

    private static string Literal(TokenizerNode pattern) =>
        pattern["String"].Text() is { Length: > 0 } text ? text : throw pattern["String"].Error("found \"\", expected a text");

    private static IReadOnlyList<TokenizerNode> Parts(TokenizerNode node) =>
        node.Items() is { Count: <= MostSteps } items ? items : throw node.Error($"found more than {MostSteps} steps, expected at most so many");
}
