namespace Sweep.Persistence.Ledger;

/// <summary>
/// Item ids as they are stored. A published id may hold U+0000, which PostgreSQL's text refuses: it becomes U+0001 '0', and U+0001 itself U+0001 '1'.
/// </summary>
internal static class ItemText
{
    public static string Encode(string id) => id.AsSpan().ContainsAny('\0', '\u0001')
        ? id.Replace("\u0001", "\u00011", StringComparison.Ordinal).Replace("\0", "\u00010", StringComparison.Ordinal)
        : id;

    public static string Decode(string stored) => stored.Contains('\u0001', StringComparison.Ordinal)
        ? stored.Replace("\u00010", "\0", StringComparison.Ordinal).Replace("\u00011", "\u0001", StringComparison.Ordinal)
        : stored;

    /// <summary>Free text, such as a reason or a plan as it was sent, without what a database may refuse: U+0000 and halves of surrogate pairs become U+FFFD.</summary>
    public static string? Clean(string? text)
    {
        if (text is null || IsClean(text))
            return text;
        var clean = new System.Text.StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            clean.Append(rune.Value == 0 ? System.Text.Rune.ReplacementChar : rune);
        return clean.ToString();
    }

    private static bool IsClean(string text)
    {
        foreach (var c in text)
        {
            if (c == '\0' || char.IsSurrogate(c))
                return false;
        }

        return true;
    }
}
