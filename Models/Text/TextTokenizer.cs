using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Sweep.Models.Text;

/// <summary>
/// Byte-level BPE from a tokenizer.json, with the ids that Hugging Face's tokenizers gives for the same text. Merging is Microsoft.ML.Tokenizers'; normalising, added tokens
/// and the cutting into pieces are done here, where it differs. Thread-safe.
/// </summary>
public sealed class TextTokenizer
{
    private readonly string _path;
    private readonly TokenizerFile _file;
    private readonly BpeTokenizer _merger;
    private readonly AddedTokenMatcher _rawTokens;
    private readonly AddedTokenMatcher _normalizedTokens;
    private readonly Dictionary<int, byte[]> _bytes = [];
    private readonly Dictionary<string, int> _ids;
    private readonly HashSet<int> _special;

    private TextTokenizer(string path, TokenizerFile file)
    {
        (_path, _file) = (path, file);
        _merger = BpeTokenizer.Create(new BpeOptions(file.Vocabulary) { Merges = file.Merges, ByteLevel = false });
        _rawTokens = new(file.AddedTokens.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        _normalizedTokens = new(file.AddedTokens.Where(token => token.Normalized).Select(token => (Normalize(token.Content), token)));
        _special = [.. file.AddedTokens.Where(token => token.Special).Select(token => token.Id)];
        _ids = new(file.Vocabulary, StringComparer.Ordinal);
        foreach (var (token, id) in file.Vocabulary)
            _bytes[id] = ByteAlphabet.Read(token) ?? Encoding.UTF8.GetBytes(token);
        foreach (var token in file.AddedTokens)
        {
            _bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);
            _ids[token.Content] = token.Id;
        }
    }

    /// <summary>Tokens, added ones included. A model's vocabulary may be padded beyond it.</summary>
    public int VocabularySize => _bytes.Count;

    /// <summary>The largest id of a token.</summary>
    public int MaxId => _bytes.Keys.Max();

    /// <summary>Ids of tokens that stand for no text, ascending.</summary>
    public IReadOnlyList<int> SpecialTokenIds => [.. _special.Order()];

    /// <param name="path">A tokenizer.json.</param>
    /// <exception cref="InvalidCheckpointException">The file is broken or asks for what is not supported; the message names the JSON path.</exception>
    public static TextTokenizer Load(string path) => new(path, TokenizerFile.Read(path));

    /// <summary>The id of a token by its content, as added_tokens or the vocabulary write it; null when there is none.</summary>
    public int? FindId(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    /// <summary>Token ids of a text; no token is put before or after it. Broken UTF-16 counts as U+FFFD.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="parseSpecial">True, as in Hugging Face's tokenizers: "&lt;|endoftext|&gt;" in the text becomes that token. False: it is text like any other, which
    /// is what the text of a benchmark needs. Added tokens that are not special are found either way.</param>
    public IReadOnlyList<int> Encode(string text, bool parseSpecial = true)
    {
        var ids = new List<int>((text.Length / 3) + 1);
        try
        {
            foreach (var (raw, rawToken) in _rawTokens.Cut(WellFormed(text), parseSpecial))
            {
                if (rawToken is not null)
                    ids.Add(rawToken.Id);
                else
                    EncodeSection(Normalize(raw), parseSpecial, ids);
            }
        }
        catch (RegexMatchTimeoutException hopeless)
        {
            throw new InvalidCheckpointException($"{_path}: pre_tokenizer: found a pattern that does not end on a text of {text.Length} characters", hopeless);
        }

        return ids;
    }

    /// <summary>The exact bytes of the tokens; they need not be whole UTF-8. Ids without a token, such as padding rows of a vocabulary, give none.</summary>
    public byte[] DecodeBytes(IEnumerable<int> ids, bool skipSpecial = false)
    {
        var result = new MemoryStream();
        foreach (var id in ids)
        {
            if (_bytes.TryGetValue(id, out var bytes) && !(skipSpecial && _special.Contains(id)))
                result.Write(bytes);
        }

        return result.ToArray();
    }

    /// <summary>The tokens' bytes as text, with U+FFFD for what is not UTF-8.</summary>
    public string Decode(IEnumerable<int> ids, bool skipSpecial = false) => Encoding.UTF8.GetString(DecodeBytes(ids, skipSpecial));

    private void EncodeSection(string section, bool parseSpecial, List<int> ids)
    {
        foreach (var (text, token) in _normalizedTokens.Cut(section, parseSpecial))
        {
            if (token is not null)
                ids.Add(token.Id);
            else
                EncodeText(_file.AddsPrefixSpace && text[0] != ' ' ? " " + text : text, ids);
        }
    }

    private void EncodeText(string text, List<int> ids)
    {
        IEnumerable<string> pieces = [text];
        foreach (var splitter in _file.Splitters)
            pieces = pieces.SelectMany(splitter.Split);
        foreach (var piece in pieces)
        {
            var symbols = ByteAlphabet.Write(piece);
            if (_file.IgnoresMerges && _file.Vocabulary.TryGetValue(symbols, out var whole))
                ids.Add(whole);
            else
                ids.AddRange(_merger.EncodeToIds(symbols, considerPreTokenization: false, considerNormalization: false));
        }
    }

    private string Normalize(string text) => _file.NormalizesToNfc ? Nfc.Normalize(text) : text;

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
