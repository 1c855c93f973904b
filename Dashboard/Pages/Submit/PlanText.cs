namespace Sweep.Dashboard.Pages.Submit;

/// <summary>Changes one field at the top of a plan's text and leaves all else as its author wrote it, comments too.</summary>
internal static class PlanText
{
    /// <summary>What stands behind the field on its line; null: the field is not there, or its value stands on lines of its own.</summary>
    public static string? Read(string text, string field)
    {
        foreach (var line in text.Split('\n'))
        {
            if (IsField(line, field))
            {
                var value = WithoutComment(line[(field.Length + 1)..]).Trim();
                return value.Length == 0 ? null : Unquoted(value);
            }
        }

        return null;
    }

    /// <summary>The text with another value there; an empty value takes the field out.</summary>
    public static string Write(string text, string field, string value)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n').ToList();
        var at = lines.FindIndex(line => IsField(line, field));
        var written = value.Trim().Length == 0 ? null : $"{field}: {value.Trim()}";
        if (at < 0)
        {
            if (written is not null)
                lines.Insert(lines.FindLastIndex(line => line.Trim().Length > 0) + 1, written);
            return string.Join('\n', lines);
        }

        // A value on lines of its own: they are indented, or items of a list.
        var end = at + 1;
        while (end < lines.Count && lines[end] is [' ' or '\t' or '-', ..])
            end++;
        lines.RemoveRange(at, end - at);
        if (written is not null)
            lines.Insert(at, written);
        return string.Join('\n', lines);
    }

    private static bool IsField(string line, string field) => line.StartsWith(field, StringComparison.Ordinal) && line.Length > field.Length && line[field.Length] == ':';

    private static string WithoutComment(string value)
    {
        var at = value.IndexOf(" #", StringComparison.Ordinal);
        return at < 0 ? value : value[..at];
    }

    private static string Unquoted(string value) => value is ['"', .., '"'] or ['\'', .., '\''] ? value[1..^1] : value;
}
