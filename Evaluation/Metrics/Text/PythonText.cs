using System.Text;

namespace Sweep.Evaluation.Metrics.Text;

/// <summary>What Python's str and re mean by capitals and words, where .NET means something else.</summary>
internal static class PythonText
{
    /// <summary>str.isupper: something with a case, and nothing that is not a capital.</summary>
    public static bool IsUpper(string text) => HasOnly(text, IsCapital, IsSmall);

    /// <summary>str.islower.</summary>
    public static bool IsLower(string text) => HasOnly(text, IsSmall, IsCapital);

    /// <summary>The number of matches of \w+.</summary>
    public static int CountWords(string text)
    {
        var count = 0;
        for (var i = 0; i < text.Length; i++)
            count += IsWord(text[i]) && (i == 0 || !IsWord(text[i - 1])) ? 1 : 0;
        return count;
    }

    /// <summary>\b: exactly one side is a word's.</summary>
    public static bool IsWordBoundary(string text, int at) => (at > 0 && IsWord(text[at - 1])) != (at < text.Length && IsWord(text[at]));

    /// <summary>\w: letters, numbers and underscores; .NET's has combining marks too.</summary>
    public static bool IsWord(char c) => char.IsLetter(c) || char.IsNumber(c) || c == '_';

    private static bool HasOnly(string text, Func<Rune, bool> wanted, Func<Rune, bool> other)
    {
        var found = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (other(rune) || Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.TitlecaseLetter)
                return false;
            found |= wanted(rune);
        }

        return found;
    }

    /// <summary>Capitals, Roman numerals and circled capitals.</summary>
    private static bool IsCapital(Rune rune) => Rune.IsUpper(rune) || rune.Value is (>= 0x2160 and <= 0x216F) or (>= 0x24B6 and <= 0x24CF);

    /// <summary>Small letters, ordinal indicators, small Roman numerals and circled small letters.</summary>
    private static bool IsSmall(Rune rune) => Rune.IsLower(rune) || rune.Value is 0xAA or 0xBA or (>= 0x2170 and <= 0x217F) or (>= 0x24D0 and <= 0x24E9);
}
