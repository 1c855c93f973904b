using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sweep.Models.Text;

/// <summary>
/// Cuts text into the pieces within which BPE merges: every match of a pattern is a piece, and so is what lies between two matches.
/// </summary>
internal sealed class PieceSplitter : IPieceSplitter
{
    /// <summary>GPT-2's pattern, which a ByteLevel pre-tokenizer with use_regex stands for.</summary>
    public const string ByteLevelPattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>A Digits pre-tokenizer: runs of numbers, or each by itself.</summary>
    public const string Digits = @"\p{N}+";

    public const string Digit = @"\p{N}";

    /// <summary>A Punctuation pre-tokenizer, whose ASCII punctuation has the symbols among it: each by itself, or runs.</summary>
    public const string Punctuation = @"[\p{P}$+<=>^`|~]";

    public const string PunctuationRun = Punctuation + "+";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Regex _pattern;

    /// <exception cref="ArgumentException">Not a pattern of .NET's dialect.</exception>
    public PieceSplitter(string pattern)
    {
        _pattern = new(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, Patience);
    }

    /// <param name="text">Well-formed UTF-16.</param>
    public IEnumerable<string> Split(string text)
    {
        var (shadow, starts) = Shadow(text);
        var done = 0;
        for (var match = _pattern.Match(shadow); match.Success; match = match.NextMatch())
        {
            if (match.Length == 0)
                continue;
            if (match.Index > done)
                yield return Piece(done, match.Index);
            done = match.Index + match.Length;
            yield return Piece(match.Index, done);
        }

        if (done < shadow.Length)
            yield return Piece(done, shadow.Length);

        string Piece(int from, int to) => starts is null ? text[from..to] : text[starts[from]..starts[to]];
    }

    // .NET's patterns see UTF-16 units, and a surrogate is neither letter nor number. So the pattern runs over a text in which every
    // character outside the BMP is replaced by one of its category inside; starts maps back.
    private static (string Shadow, int[]? Starts) Shadow(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return (text, null);
        var shadow = new StringBuilder(text.Length);
        var starts = new List<int>(text.Length + 1);
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            shadow.Append(rune.IsBmp ? (char)rune.Value : StandIn(Rune.GetUnicodeCategory(rune)));
            starts.Add(at);
            at += rune.Utf16SequenceLength;
        }

        starts.Add(at);
        return (shadow.ToString(), [.. starts]);
    }

    private static char StandIn(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\u0186',
        UnicodeCategory.LowercaseLetter => '\u0250',
        UnicodeCategory.TitlecaseLetter => '\u01C5',
        UnicodeCategory.ModifierLetter => '\u02B0',
        UnicodeCategory.OtherLetter => '\u01BB',
        UnicodeCategory.NonSpacingMark => '\u0316',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.EnclosingMark => '\u0488',
        UnicodeCategory.DecimalDigitNumber => '\u0660',
        UnicodeCategory.LetterNumber => '\u2160',
        UnicodeCategory.OtherNumber => '\u00B2',
        UnicodeCategory.ConnectorPunctuation => '\u203F',
        UnicodeCategory.DashPunctuation => '\u2010',
        UnicodeCategory.OpenPunctuation => '\u2045',
        UnicodeCategory.ClosePunctuation => '\u2046',
        UnicodeCategory.InitialQuotePunctuation => '\u00AB',
        UnicodeCategory.FinalQuotePunctuation => '\u00BB',
        UnicodeCategory.OtherPunctuation => '\u00A7',
        UnicodeCategory.MathSymbol => '\u00B1',
        UnicodeCategory.CurrencySymbol => '\u00A2',
        UnicodeCategory.ModifierSymbol => '\u00A8',
        UnicodeCategory.OtherSymbol => '\u00A9',
        UnicodeCategory.Format => '\u200B',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\u0378',
    };
}
