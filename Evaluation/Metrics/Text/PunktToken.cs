using System.Text.RegularExpressions;

namespace Sweep.Evaluation.Metrics.Text;

/// <summary>A token in Punkt's sense, with what it says of itself.</summary>
internal sealed partial class PunktToken
{
    private const string NeverStartsAWord = "(\"`{[:;&#*@)}]-,";

    private const string EndsAWord = "?!)\";}]*:@'({[";

    private readonly string _text;

    private readonly string _type;

    public PunktToken(string text)
    {
        _text = text;
        _type = text.ToLowerInvariant();
        IsNumber = Number().IsMatch(_type);
        IsEllipsis = text.Length > 1 && text.All(c => c == '.');
        IsInitial = text.Length == 2 && text[1] == '.' && (char.IsLetter(text[0]) || text[0] == '_');
        IsAbbreviation = EndsInOnePeriod && !IsEllipsis && EnglishSentenceWords.IsAbbreviation(_type[..^1]);
        IsBreak = text is "." or "?" or "!" || (EndsInOnePeriod && !IsAbbreviation);
    }

    public bool IsNumber { get; }

    public bool IsEllipsis { get; }

    /// <summary>One letter and a period.</summary>
    public bool IsInitial { get; }

    public bool IsAbbreviation { get; }

    /// <summary>By itself it ends a sentence.</summary>
    public bool IsBreak { get; }

    public bool IsCapitalized => char.IsUpper(_text[0]);

    /// <summary>Punctuation or a small letter: no sentence begins so.</summary>
    public bool StartsNoSentence => _text is ";" or ":" or "," or "." or "!" or "?" || char.IsLower(_text[0]);

    /// <summary>A capital on a word that is common in small letters.</summary>
    public bool StartsSentence => IsCapitalized && EnglishSentenceWords.MayStart(IsBreak && _type.Length > 1 ? _type.TrimEnd('.') : _type);

    private bool EndsInOnePeriod => _text.Length > 1 && _text[^1] == '.' && _text[^2] != '.';

    /// <summary>The end of the token at a place that is no white space.</summary>
    public static int End(string text, int start, int limit)
    {
        var dashes = RunOf(text, start, limit);
        if (dashes > start)
            return dashes;
        if (NeverStartsAWord.Contains(text[start]))
            return start + 1;
        var end = start + 1;
        while (end < limit && !EndsWord(text, end, limit))
            end++;
        return end;
    }

    /// <summary>Closes a word, and is a token of its own.</summary>
    public static bool IsClosing(char c) => EndsAWord.Contains(c);

    /// <summary>Two dashes or dots, or more, go together.</summary>
    private static int RunOf(string text, int start, int limit)
    {
        var end = start;
        while (end < limit && text[start] is '-' or '.' && text[end] == text[start])
            end++;
        return end - start > 1 ? end : start;
    }

    private static bool EndsWord(string text, int at, int limit)
    {
        if (char.IsWhiteSpace(text[at]) || IsClosing(text[at]) || StartsRun(at))
            return true;
        return text[at] == ',' && (at + 1 == limit || char.IsWhiteSpace(text[at + 1]) || IsClosing(text[at + 1]) || StartsRun(at + 1));

        bool StartsRun(int place) => place + 1 < limit && text[place] is '-' or '.' && text[place + 1] == text[place];
    }

    [GeneratedRegex(@"^-?[.,]?\d[\d,.\-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
