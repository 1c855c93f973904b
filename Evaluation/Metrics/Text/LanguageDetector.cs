using System.Globalization;
using System.Text.RegularExpressions;

namespace Sweep.Evaluation.Metrics.Text;

/// <summary>
/// The language of a text, by its script and its commonest words. The official IFEval code asks langdetect, which draws random numbers and needs a sentence or two to be
/// right; this has one answer for a text, and takes a text of Latin letters without any word it knows for English.
/// </summary>
internal static partial class LanguageDetector
{
    /// <summary>The codes of langdetect, but one for Chinese in either form of characters.</summary>
    public static IReadOnlySet<string> Codes { get; } =
        LanguageWords.ByScript.Values.SelectMany(profiles => profiles).Select(profile => profile.Code).ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether a text is in a language, or in none that can be told.</summary>
    public static bool MayBe(string code, string text) => Detect(text) is not { } found || found == code;

    /// <summary>The code of a text's language; null where no letter of a known script is left beside addresses.</summary>
    public static string? Detect(string text)
    {
        var plain = Addresses().Replace(text, " ").ToLowerInvariant();
        if (Scripts.Of(plain) is not { } script)
            return null;
        var profiles = LanguageWords.ByScript[script];
        return profiles.Length == 1 ? profiles[0].Code : MostLikely(profiles, plain);
    }

    private static string MostLikely(LanguageProfile[] profiles, string text)
    {
        string[] words = [.. Words(text)];
        return profiles.MaxBy(profile => profile.Evidence(words))!.Code;
    }

    /// <summary>Runs of letters and the marks that belong to them.</summary>
    private static IEnumerable<string> Words(string text)
    {
        var start = 0;
        for (var at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && IsPartOfWord(text[at]))
                continue;
            if (at > start)
                yield return text[start..at];
            start = at + 1;
        }
    }

    private static bool IsPartOfWord(char c) =>
        char.IsLetter(c) || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    [GeneratedRegex(@"https?://\S+|(?<![\w.-])[\w.-]{1,64}@[\w.-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Addresses();
}
