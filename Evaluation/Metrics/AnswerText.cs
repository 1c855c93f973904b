using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Sweep.Evaluation.Metrics;

/// <summary>The steps by which the official scorers of SQuAD, TriviaQA and DROP make answers comparable.</summary>
internal static partial class AnswerText
{
    private static readonly SearchValues<char> Punctuation = SearchValues.Create("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");

    /// <summary>Without ASCII punctuation.</summary>
    public static string WithoutPunctuation(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!Punctuation.Contains(c))
                kept.Append(c);
        }

        return kept.ToString();
    }

    /// <summary>A space in place of each ASCII punctuation mark, and of each of some others.</summary>
    public static string SpacesForPunctuation(string text, string others) =>
        string.Create(text.Length, (text, others), static (span, from) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = Punctuation.Contains(from.text[i]) || from.others.Contains(from.text[i]) ? ' ' : from.text[i];
        });

    /// <summary>A space in place of each article.</summary>
    public static string WithoutArticles(string text) => Articles().Replace(text, " ");

    public static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Single spaces, none at the ends.</summary>
    public static string Squeezed(string text) => string.Join(' ', Words(text));

    /// <summary>Python's \b(a|an|the)\b: its words are made of letters, numbers and underscores, to which \b here would add combining marks.</summary>
    [GeneratedRegex(@"(?<![\p{L}\p{N}_])(a|an|the)(?![\p{L}\p{N}_])", RegexOptions.CultureInvariant)]
    private static partial Regex Articles();
}
