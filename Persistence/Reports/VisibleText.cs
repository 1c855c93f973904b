using System.Globalization;
using System.Text;

namespace Sweep.Persistence.Reports;

/// <summary>A response as a page may show it: whatever the model wrote, it is text, of bounded length, and nothing in it is invisible or turns the direction of reading.</summary>
public static class VisibleText
{
    private const int Longest = 280;

    public static string Of(byte[] response) => Of(response, Longest);

    public static string Of(byte[] response, int longest)
    {
        // A character takes at most four bytes: what is cut off here would not be shown.
        var text = Encoding.UTF8.GetString(response.AsSpan(0, Math.Min(response.Length, 8 * longest)));
        var visible = new StringBuilder();
        var shown = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown++ == longest)
                return visible.Append('…').ToString();
            visible.Append(Of(rune));
        }

        return visible.ToString();
    }

    private static string Of(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        _ when rune.Value == '\n' => "↵",
        _ when rune.Value == '\t' => " ",
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator =>
            string.Create(CultureInfo.InvariantCulture, $"[U+{rune.Value:X4}]"),
        _ => rune.ToString(),
    };
}
