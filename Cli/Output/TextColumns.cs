using Spectre.Console;

namespace Sweep.Cli.Output;

/// <summary>A cell: what stands there, and its style where it has one.</summary>
internal readonly record struct TextCell(string Text, string? Style = null)
{
    public static implicit operator TextCell(string text) => new(text);

    public string Padded(int width, bool left)
    {
        var text = Markup.Escape(left ? Text.PadRight(width) : Text.PadLeft(width));
        return Style is null ? text : $"[{Style}]{text}[/]";
    }
}

/// <summary>Lines of columns, the first of words, the others of figures, which never wrap.</summary>
internal static class TextColumns
{
    public const string Ellipsis = "…";

    public static int[] Widths(IEnumerable<IReadOnlyList<TextCell>> rows) =>
        rows.Aggregate(Array.Empty<int>(), (widths, row) => [.. row.Select((cell, column) => Math.Max(cell.Text.Length, column < widths.Length ? widths[column] : 0))]);

    public static string Line(IReadOnlyList<TextCell> row, IReadOnlyList<int> widths, int gap) =>
        string.Join(new string(' ', gap), row.Select((cell, column) => (column == 0 ? cell with { Text = Shorten(cell.Text, widths[0]) } : cell).Padded(widths[column], left: column == 0)));

    /// <summary>Cut in its middle: names differ in their ends.</summary>
    public static string Shorten(string text, int width)
    {
        if (text.Length <= width)
            return text;
        var head = width / 2;
        return string.Concat(text.AsSpan(0, head), Ellipsis, text.AsSpan(text.Length - (width - head - 1)));
    }
}
