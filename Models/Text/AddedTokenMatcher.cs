using System.Text;
using System.Text.RegularExpressions;

namespace Sweep.Models.Text;

/// <summary>Cuts a text at added tokens: the leftmost match, and of those the longest, as Hugging Face's tokenizers does.</summary>
internal sealed class AddedTokenMatcher
{
    private static readonly Regex WordAtStart = new(@"^\w", RegexOptions.CultureInvariant);

    private readonly Dictionary<char, (string Pattern, AddedToken Token)[]> _byFirst;

    /// <param name="tokens">Patterns to find and their tokens; the first of equal patterns counts.</param>
    public AddedTokenMatcher(IEnumerable<(string Pattern, AddedToken Token)> tokens)
    {
        _byFirst = tokens.Where(pair => pair.Pattern.Length > 0).DistinctBy(pair => pair.Pattern, StringComparer.Ordinal).GroupBy(pair => pair.Pattern[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(pair => pair.Pattern.Length).ToArray());
    }

    /// <summary>The sections of the text in order, each with its added token or, between two of them, null. No section is empty.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    /// <param name="parseSpecial">False leaves special tokens in the text that stays.</param>
    public IEnumerable<(string Text, AddedToken? Token)> Cut(string text, bool parseSpecial)
    {
        var done = 0;
        for (var at = 0; at < text.Length;)
        {
            if (Match(text, at) is not { } match)
            {
                at++;
                continue;
            }

            var (start, end) = (at, at + match.Pattern.Length);
            at = end;
            if ((match.Token.Special && !parseSpecial) || start < done || (match.Token.SingleWord && !StandsAlone(text, start, end)))
                continue;
            while (match.Token.StripLeft && start > done && char.IsWhiteSpace(text[start - 1]))
                start--;
            while (match.Token.StripRight && end < text.Length && char.IsWhiteSpace(text[end]))
                end++;
            if (start > done)
                yield return (text[done..start], null);
            yield return (text[start..end], match.Token);
            done = end;
        }

        if (done < text.Length)
            yield return (text[done..], null);
    }

    private (string Pattern, AddedToken Token)? Match(string text, int at)
    {
        if (!_byFirst.TryGetValue(text[at], out var candidates))
            return null;
        foreach (var candidate in candidates)
        {
            if (text.AsSpan(at).StartsWith(candidate.Pattern, StringComparison.Ordinal))
                return candidate;
        }

        return null;
    }

    private static bool StandsAlone(string text, int start, int end) =>
        (start == 0 || !IsWord(RuneBefore(text, start))) && (end == text.Length || !IsWord(Rune.GetRuneAt(text, end)));

    private static Rune RuneBefore(string text, int at) => Rune.GetRuneAt(text, char.IsLowSurrogate(text[at - 1]) ? at - 2 : at - 1);

    private static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune) || WordAtStart.IsMatch(rune.ToString());
}
