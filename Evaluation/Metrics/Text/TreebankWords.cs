using System.Text.RegularExpressions;

namespace Sweep.Evaluation.Metrics.Text;

/// <summary>
/// A text's words as NLTK's word_tokenize cuts them (the Penn Treebank's conventions, and NLTK's for quotes and dashes). Punctuation is left out, and a full stop stays
/// on its word: neither has a case, and words in capitals are all that is asked for.
/// </summary>
internal static partial class TreebankWords
{
    public static IEnumerable<string> Split(string text) =>
        Separators().Replace(text, " ").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).SelectMany(Parts);

    /// <summary>A contraction in its parts: CAN NOT, DO N'T, IT 'S.</summary>
    private static IEnumerable<string> Parts(string word)
    {
        var clitic = Clitic().Match(word);
        var stem = clitic.Success ? word[..clitic.Index] : word;
        var second = Contraction().Match(stem).Groups["second"];
        string[] parts = second.Success ? [stem[..second.Index], stem[second.Index..]] : [stem];
        return clitic.Success ? parts.Append(clitic.Value) : parts;
    }

    /// <summary>Commas and colons part words unless a digit follows; dots where there are two or more.</summary>
    [GeneratedRegex(@"[;@#$%&*?!\[\](){}<>""«»“”‘’„`\u2012-\u2015]|--|''|\.\.+|[:,](?!\d)", RegexOptions.CultureInvariant)]
    private static partial Regex Separators();

    /// <summary>The possessive and shortened verbs at a word's end, in one case or the other.</summary>
    [GeneratedRegex(@"(?<=[^'])('[sSmMdD]|'ll|'LL|'re|'RE|'ve|'VE|n't|N'T)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Clitic();

    /// <summary>Words of two that are written as one.</summary>
    [GeneratedRegex(@"\b(can(?<second>not)|d(?<second>'ye)|gim(?<second>me)|gon(?<second>na)|got(?<second>ta)|lem(?<second>me)|more(?<second>'n))\b|\bwan(?<second>na)\z|\A't(?<second>is|was)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Contraction();
}
