using System.Globalization;
using System.Text;
using Sweep.Persistence.Reports.Html;

namespace Sweep.Dashboard.Figures;

/// <summary>A figure as a file of its own, with its colours in it.</summary>
internal static class FigureFile
{
    private static readonly string Style = ReadStyle();

    public static byte[] Svg(Figure figure) => Encoding.UTF8.GetBytes(Markup.Of($"""
        <svg xmlns="http://www.w3.org/2000/svg" class="figure file" viewBox="0 0 {figure.Width} {figure.Height}" width="{figure.Width}" height="{figure.Height}" role="img" aria-label="{figure.Label}">
        <title>{figure.Title}</title><desc>{figure.Caption}</desc>
        <style>{new Markup(Style)}</style><rect class="paper" width="{figure.Width}" height="{figure.Height}"/>
        {figure.Parts}
        </svg>

        """).Text);

    public static byte[] Csv(Figure figure)
    {
        var text = new StringBuilder();
        foreach (var row in figure.Table.Rows.Prepend(figure.Table.Head))
            text.AppendJoin(',', row.Select(Field)).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Of a file's name: what stands for the figure.</summary>
    public static string NameOf(string title)
    {
        var name = new StringBuilder();
        foreach (var letter in title.ToLower(CultureInfo.InvariantCulture))
        {
            if (char.IsAsciiLetterOrDigit(letter))
                name.Append(letter);
            else if (name.Length > 0 && name[^1] != '-')
                name.Append('-');
        }

        return name.ToString().Trim('-');
    }

    /// <summary>A field that a spreadsheet would take for a formula is made text.</summary>
    private static string Field(string value)
    {
        var isFormula = value is ['=' or '+' or '-' or '@', _, ..] && !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        var safe = isFormula ? "'" + value : value;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string ReadStyle()
    {
        using var stream = typeof(FigureFile).Assembly.GetManifestResourceStream("figures.css") ?? throw new InvalidOperationException("figures.css is not in the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
