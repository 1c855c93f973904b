namespace Sweep.Evaluation.Metrics.Text;

/// <summary>
/// Counts sentences as Punkt does (Kiss and Strunk 2006, Computational Linguistics 32:485, in the form of NLTK): a period ends a sentence unless its word is an abbreviation, an
/// initial, or a number before a small letter; after an abbreviation or an ellipsis a new sentence needs evidence. So "1." of a numbered list is a sentence, and lines
/// without a full stop are one together. NLTK's evidence was learned from newspapers; here it is the lists of <see cref="EnglishSentenceWords"/>.
/// </summary>
internal static class PunktSentences
{
    public static int Count(string text)
    {
        text = text.TrimEnd();
        var (count, start) = (0, 0);
        foreach (var (end, next) in Breaks(text))
        {
            count += start < end ? 1 : 0;
            start = next;
        }

        return count + (start < text.Length ? 1 : 0);
    }

    /// <summary>The sentences themselves, without the white space between them.</summary>
    public static List<string> Split(string text)
    {
        text = text.TrimEnd();
        var (sentences, start) = (new List<string>(), 0);
        foreach (var (end, next) in Breaks(text))
        {
            if (start < end)
                sentences.Add(text[start..end]);
            start = next;
        }

        if (start < text.Length)
            sentences.Add(text[start..]);
        return sentences;
    }

    /// <summary>Where a sentence ends and the next begins; marks that close quotes and brackets right after a break stay with the sentence before it.</summary>
    private static IEnumerable<(int End, int Next)> Breaks(string text)
    {
        var start = 0;
        while (NextRun(text, start) is (var from, var to) && from < to)
        {
            start = to;
            var following = NextRun(text, to);
            var mark = LastMark(text, from, to, following.From < following.To);
            if (mark < 0)
                continue;
            var atEnd = mark + 1 == to;
            List<PunktToken> tokens = [.. Tokens(text, from, atEnd ? to : mark + 2)];
            if (atEnd)
                tokens.AddRange(Tokens(text, following.From, following.To));
            if (!HasBreak(tokens))
                continue;
            var next = atEnd ? following.From : mark + 1;
            var closed = Closed(text, next);
            yield return (mark + 1, closed > next ? closed : next);
        }
    }

    /// <summary>The next run of characters that are no white space; empty at the end of the text.</summary>
    private static (int From, int To) NextRun(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        var from = at;
        while (at < text.Length && !char.IsWhiteSpace(text[at]))
            at++;
        return (from, at);
    }

    /// <summary>The last mark of a run that may end a sentence: before a closing mark, or at the run's end where another run follows.</summary>
    private static int LastMark(string text, int from, int to, bool goesOn)
    {
        for (var at = to - 1; at >= from; at--)
        {
            if (text[at] is '.' or '?' or '!' && (at + 1 < to ? PunktToken.IsClosing(text[at + 1]) : goesOn))
                return at;
        }

        return -1;
    }

    private static IEnumerable<PunktToken> Tokens(string text, int from, int to)
    {
        for (var at = from; at < to;)
        {
            var end = PunktToken.End(text, at, to);
            yield return new PunktToken(text[at..end]);
            at = end;
        }
    }

    private static bool HasBreak(List<PunktToken> tokens)
    {
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            if (IsBreak(tokens[i], tokens[i + 1]))
                return true;
        }

        return false;
    }

    /// <summary>The second pass (section 4 of the paper): what a token says of itself, revised by the token after it.</summary>
    private static bool IsBreak(PunktToken token, PunktToken next)
    {
        if ((token.IsAbbreviation || token.IsEllipsis) && !token.IsInitial)
            return next.StartsSentence;
        if (token.IsInitial)
            return token.IsBreak && !next.StartsNoSentence && !(next.IsCapitalized && !next.StartsSentence);
        return token.IsBreak && !(token.IsNumber && next.StartsNoSentence);
    }

    /// <summary>The end of closing marks and the white space after them, where that or two dashes or the end follow; else the place itself.</summary>
    private static int Closed(string text, int at)
    {
        var end = at;
        while (end < text.Length && text[end] is '"' or '\'' or ')' or ']' or '}')
            end++;
        if (end == at || (end < text.Length && !char.IsWhiteSpace(text[end]) && !text.AsSpan(end).StartsWith("--", StringComparison.Ordinal)))
            return at;
        while (end < text.Length && char.IsWhiteSpace(text[end]))
            end++;
        return end;
    }
}
