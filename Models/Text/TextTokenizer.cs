using System.Text;
using System.Text.RegularExpressions;

namespace Sweep.Models.Text;

/// <summary>
/// A model's tokenizer, from tokenizer.json (byte-level BPE, or BPE with a mark for spaces), a SentencePiece model or tekken.json, with the ids that Hugging Face's tokenizers, SentencePiece and
/// tekken give for the same text. Merges of tokenizer.json are Microsoft.ML.Tokenizers'; the rest is done here, where it differs. Thread-safe.
/// </summary>
public sealed class TextTokenizer
{
    private readonly string _path;
    private readonly TokenizerDefinition _definition;
    private readonly AddedTokenMatcher _rawTokens;
    private readonly AddedTokenMatcher _normalizedTokens;
    private readonly HashSet<int> _special;

    private TextTokenizer(string path, TokenizerDefinition definition)
    {
        (_path, _definition) = (path, definition);
        _rawTokens = new(definition.AddedTokens.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        _normalizedTokens = new(definition.AddedTokens.Where(token => token.Normalized).Select(token => (token.NormalizedContent ?? Normalize(token.Content, continues: false), token)));
        _special = [.. definition.AddedTokens.Where(token => token.Special).Select(token => token.Id)];
    }

    /// <summary>Tokens, added ones included. A model's vocabulary may be padded beyond it.</summary>
    public int VocabularySize => _definition.Bytes.Count;

    /// <summary>The largest id of a token.</summary>
    public int MaxId => _definition.Bytes.Keys.Max();

    /// <summary>Ids of tokens that stand for no text, ascending.</summary>
    public IReadOnlyList<int> SpecialTokenIds => [.. _special.Order()];

    /// <summary>Tokens that this family's prompts begin with.</summary>
    public IReadOnlyList<int> BeginTokenIds => _definition.Begin;

    /// <param name="path">A tokenizer.json, a tekken.json, or a SentencePiece model under any other name.</param>
    /// <exception cref="InvalidCheckpointException">The file is broken or asks for what is not supported; the message names the place in it.</exception>
    public static TextTokenizer Load(string path) => new(path, TokenizerFiles.Read(path));

    /// <summary>The id of a token by its content, as added_tokens or the vocabulary write it; null when there is none.</summary>
    public int? FindId(string token) => _definition.Ids.TryGetValue(token, out var id) ? id : null;

    /// <summary>Token ids of a text; no token is put before or after it. Broken UTF-16 counts as U+FFFD.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="parseSpecial">True, as in Hugging Face's tokenizers: "&lt;|endoftext|&gt;" in the text becomes that token. False: it is text like any other, which
    /// is what the text of a benchmark needs. Added tokens that are not special are found either way.</param>
    public IReadOnlyList<int> Encode(string text, bool parseSpecial = true) => Encode(text, parseSpecial, continues: false, []);

    /// <summary>The text as a prompt: after the tokens that this family begins with, and without any special token in it.</summary>
    public IReadOnlyList<int> EncodePrompt(string text) => Encode(text, parseSpecial: false, continues: false, [.. _definition.Begin]);

    /// <summary>The text as it goes on after other text: families that put a space before a text put none before this. No special token in it.</summary>
    public IReadOnlyList<int> EncodeContinuation(string text) => Encode(text, parseSpecial: false, continues: true, []);

    /// <summary>The exact bytes of the tokens; they need not be whole UTF-8. Ids without a token, such as padding rows of a vocabulary, give none.</summary>
    public byte[] DecodeBytes(IEnumerable<int> ids, bool skipSpecial = false)
    {
        var result = new MemoryStream();
        foreach (var id in ids)
        {
            if (_definition.Bytes.TryGetValue(id, out var bytes) && !(skipSpecial && _special.Contains(id)))
                result.Write(bytes);
        }

        return result.ToArray();
    }

    /// <summary>The tokens' bytes as text, with U+FFFD for what is not UTF-8.</summary>
    public string Decode(IEnumerable<int> ids, bool skipSpecial = false) => Encoding.UTF8.GetString(DecodeBytes(ids, skipSpecial));

    private List<int> Encode(string text, bool parseSpecial, bool continues, List<int> ids)
    {
        try
        {
            var isFirst = true;
            foreach (var (raw, rawToken) in _rawTokens.Cut(WellFormed(text), parseSpecial))
            {
                if (rawToken is not null)
                    ids.Add(rawToken.Id);
                else
                    EncodeSection(Normalize(raw, continues && isFirst), parseSpecial, isFirst && !continues, ids);
                isFirst = false;
            }
        }
        catch (RegexMatchTimeoutException hopeless)
        {
            throw new InvalidCheckpointException($"{_path}: pre_tokenizer: found a pattern that does not end on a text of {text.Length} characters", hopeless);
        }

        return ids;
    }

    private void EncodeSection(string section, bool starts, bool parseSpecial, List<int> ids)
    {
        foreach (var (text, token) in _normalizedTokens.Cut(section, parseSpecial))
        {
            if (token is not null)
                ids.Add(token.Id);
            else
                _definition.Encoder.Encode(text, starts, ids);
            starts = false;
        }
    }

    private string Normalize(string text, bool continues) => _definition.Normalizer.Aggregate(text, (changed, step) => step.Apply(changed, continues));

    private static string WellFormed(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return text;
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            result.Append(rune.ToString());
        return result.ToString();
    }
}
