using System.Text;

namespace Sweep.Models.Text;

/// <summary>What a Metaspace pre-tokenizer puts before a section that does not begin with the mark of a space.</summary>
internal enum MetaspacePrefix
{
    Never,

    /// <summary>Before the start of the text only.</summary>
    First,

    Always,
}

/// <summary>
/// The SentencePiece families: spaces are written as a mark, merges run over the whole section, and a character that is no token becomes its bytes.
/// </summary>
internal sealed class MetaspaceEncoder : ISectionEncoder
{
    /// <summary>LOWER ONE EIGHTH BLOCK, which stands for a space.</summary>
    public const string Mark = "\u2581";

    private readonly MetaspacePrefix _prefix;
    private readonly bool _marksSpaces;
    private readonly IPieceMerger _merger;
    private readonly Predicate<Rune> _isToken;
    private readonly bool _joinsWords;
    private readonly int[] _bytes;

    /// <param name="prefix">What is put before a section.</param>
    /// <param name="marksSpaces">Spaces are still spaces; false: a normalizer has written the marks.</param>
    /// <param name="merger">Merges known characters.</param>
    /// <param name="tokens">All tokens that text can become.</param>
    /// <param name="bytes">The token of each byte.</param>
    public MetaspaceEncoder(MetaspacePrefix prefix, bool marksSpaces, IPieceMerger merger, IReadOnlyCollection<string> tokens, int[] bytes)
    {
        (_prefix, _marksSpaces, _merger, _bytes) = (prefix, marksSpaces, merger, bytes);
        var known = tokens.Where(token => token.Length is 1 or 2 && Rune.GetRuneAt(token, 0).Utf16SequenceLength == token.Length).Select(token => Rune.GetRuneAt(token, 0)).ToHashSet();
        _isToken = known.Contains;
        _joinsWords = tokens.Any(token => token.TrimStart(Mark[0]).Contains(Mark, StringComparison.Ordinal));
    }

    public void Encode(string section, bool starts, List<int> ids)
    {
        var text = _marksSpaces ? section.Replace(" ", Mark, StringComparison.Ordinal) : section;
        var prefixed = _prefix == MetaspacePrefix.Always || (_prefix == MetaspacePrefix.First && starts);
        if (prefixed && text[0] != Mark[0])
            text = Mark + text;
        var done = 0;
        for (var at = 0; at < text.Length;)
        {
            var rune = Rune.GetRuneAt(text, at);
            if (!_isToken(rune))
            {
                Merge(text[done..at], ids);
                WriteBytes(rune, ids);
                done = at + rune.Utf16SequenceLength;
            }
            else if (!_joinsWords && text[at] == Mark[0] && at > done && text[at - 1] != Mark[0])
            {
                // No token has a mark after another character, so no merge crosses this place: words by themselves give the same ids, in less time.
                Merge(text[done..at], ids);
                done = at;
            }

            at += rune.Utf16SequenceLength;
        }

        Merge(text[done..], ids);
    }

    private void Merge(string piece, List<int> ids)
    {
        if (piece.Length > 0)
            _merger.Merge(piece, ids);
    }

    private void WriteBytes(Rune rune, List<int> ids)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
            ids.Add(_bytes[value]);
    }
}
