using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace Sweep.Models.Text;

/// <summary>
/// Text ↔ token ids as tokenizer.json says, byte-level BPE by Microsoft.ML.Tokenizers. Added tokens are cut out of the text first, as Hugging Face does; special ones
/// only on request, so that a benchmark's text cannot smuggle one in.
/// </summary>
public sealed class TextTokenizer
{
    private readonly BpeTokenizer _bpe;
    private readonly bool _normalize;
    private readonly AddedToken[] _added;
    private readonly Dictionary<int, byte[]> _bytes = [];
    private readonly HashSet<int> _special = [];

    internal TextTokenizer(TokenizerDefinition definition)
    {
        _normalize = definition.NormalizesToNfc;
        _added = [.. definition.Added.OrderByDescending(token => token.Content.Length)];
        _bpe = BpeTokenizer.Create(new BpeOptions(definition.Vocabulary)
        {
            Merges = definition.Merges.Select(pair => $"{pair.Left} {pair.Right}"),
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(definition.PreTokenizer, null),
        });
        foreach (var (token, id) in definition.Vocabulary)
            _bytes[id] = ByteLevelAlphabet.ToBytes(token);
        foreach (var token in definition.Added)
        {
            _bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);
            if (token.Special)
                _special.Add(token.Id);
        }

        Hash = definition.Hash;
    }

    /// <summary>SHA-256 of tokenizer.json.</summary>
    public string Hash { get; }

    /// <summary>Highest id + 1.</summary>
    public int VocabularySize => _bytes.Keys.Max() + 1;

    /// <exception cref="InvalidCheckpointException">The file is missing, broken, or of a kind that is not supported.</exception>
    public static TextTokenizer Open(string path) => new(TokenizerDefinition.Read(path));

    /// <param name="text">Any text.</param>
    /// <param name="parseSpecial">True: the content of special tokens in the text becomes those tokens.</param>
    public IReadOnlyList<int> Encode(string text, bool parseSpecial = false)
    {
        var ids = new List<int>();
        EncodeFrom(text, parseSpecial, ids);
        return ids;
    }

    /// <summary>The bytes that the ids stand for; they need not be valid UTF-8. Unknown ids stand for nothing.</summary>
    public byte[] DecodeBytes(IEnumerable<int> ids, bool skipSpecial = true)
    {
        using var bytes = new MemoryStream();
        foreach (var id in ids)
        {
            if (!(skipSpecial && _special.Contains(id)) && _bytes.TryGetValue(id, out var part))
                bytes.Write(part);
        }

        return bytes.ToArray();
    }

    /// <summary><see cref="DecodeBytes"/> as text, broken UTF-8 replaced.</summary>
    public string Decode(IEnumerable<int> ids, bool skipSpecial = true) => Encoding.UTF8.GetString(DecodeBytes(ids, skipSpecial));

    private void EncodeFrom(string text, bool parseSpecial, List<int> ids)
    {
        // Leftmost first, longest first among those that start there.
        var from = 0;
        while (from < text.Length)
        {
            var at = -1;
            AddedToken? next = null;
            foreach (var token in _added)
            {
                if (token.Special && !parseSpecial)
                    continue;
                var found = text.IndexOf(token.Content, from, StringComparison.Ordinal);
                if (found >= 0 && (at < 0 || found < at))
                    (at, next) = (found, token);
            }

            EncodePlain(next is null ? text[from..] : text[from..at], ids);
            if (next is null)
                return;
            ids.Add(next.Id);
            from = at + next.Content.Length;
        }
    }

    private void EncodePlain(string text, List<int> ids)
    {
        if (text.Length == 0)
            return;
        if (_normalize && !Ascii.IsValid(text))
            text = text.Normalize(NormalizationForm.FormC);
        ids.AddRange(_bpe.EncodeToIds(text, considerPreTokenization: true, considerNormalization: false));
    }
}

/// <summary>A token that is matched in the text itself.</summary>
internal sealed record AddedToken(string Content, int Id, bool Special);

/// <summary>GPT-2's alphabet: each byte as one printable character, as byte-level vocabularies spell their tokens.</summary>
internal static class ByteLevelAlphabet
{
    private static readonly Dictionary<char, byte> Bytes = Create();

    /// <summary>The bytes of a token; a character outside the alphabet stands for its own UTF-8.</summary>
    public static byte[] ToBytes(string token)
    {
        var bytes = new List<byte>(token.Length);
        foreach (var rune in token.EnumerateRunes())
        {
            if (rune.IsBmp && Bytes.TryGetValue((char)rune.Value, out var single))
                bytes.Add(single);
            else
                bytes.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
        }

        return [.. bytes];
    }

    private static Dictionary<char, byte> Create()
    {
        var map = new Dictionary<char, byte>();
        var stand = 256;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            map[(char)(printable ? value : stand++)] = (byte)value;
        }

        return map;
    }
}

/// <summary>Hashing shared by what is read from files.</summary>
internal static class FileHash
{
    public static string Of(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
