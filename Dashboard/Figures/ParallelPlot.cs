using Sweep.Contracts.Results;
using Sweep.Persistence.Reports;
using Sweep.Persistence.Reports.Html;

namespace Sweep.Dashboard.Figures;

/// <summary>Parallel coordinates: an axis a benchmark, a line a bottleneck through its effects at the chosen scalars. One that helps everywhere runs above the zero line.</summary>
internal static class ParallelPlot
{
    private const double Height = 280;
    private const double Left = 70;
    private const double Step = 150;
    private const double Top = 30;
    private const double Bottom = 240;
    private const int Styles = 6;

    /// <summary>Null: there are no two benchmarks that are scored alike.</summary>
    public static Figure? Draw(string title, IReadOnlyList<SummaryRow> rows)
    {
        var unit = ScoreUnit.Share;
        SummaryRow[] shown = [.. rows.Where(row => row.Unit == unit && row.TestItems > 0)];
        string[] axes = [.. shown.Select(row => row.Benchmark).Distinct(StringComparer.Ordinal)];
        if (axes.Length < 2)
            return null;
        var lines = shown.GroupBy(row => row.Bottleneck).ToArray();
        var scale = new EffectAxis(unit, shown.SelectMany(row => (double[])[row.Effect, row.EffectLow ?? row.Effect, row.EffectHigh ?? row.Effect]), ticks: 5);
        var width = Left + ((axes.Length - 1) * Step) + 160;
        return new Figure
        {
            Title = title,
            Caption = $"Effect at the chosen scalars with 95 % intervals, points, n {shown.Min(row => row.TestItems)} to {shown.Max(row => row.TestItems)} test items a benchmark. One line a bottleneck.",
            Label = $"{title}: {string.Join("; ", lines.Select(line => $"{line.Key}: {string.Join(", ", line.Select(row => $"{row.Benchmark} {ReportFigures.Effect(unit, row.Effect)}"))}"))}",
            Width = width,
            Height = Height,
            Parts =
            [
                Markup.Of($"""
                    {scale.Ticks().Select(tick => Markup.Of($"""<line class="grid" x1="{Left}" y1="{Y(tick.Value)}" x2="{X(axes.Length - 1)}" y2="{Y(tick.Value)}"/><text class="tick" x="{Left - 8}" y="{Y(tick.Value) + 4}" text-anchor="end">{tick.Label}</text>"""))}
                    <line class="zero" x1="{Left}" y1="{Y(0)}" x2="{X(axes.Length - 1)}" y2="{Y(0)}"/>
                    {axes.Select((name, index) => Markup.Of($"""<line class="axis" x1="{X(index)}" y1="{Top}" x2="{X(index)}" y2="{Bottom}"/><text class="tick" x="{X(index)}" y="{Bottom + 18}" text-anchor="middle">{Names.Shorten(name, 16)}</text>"""))}
                    <text class="tick" x="{Left - 46}" y="{Top - 16}">effect, points</text>
                    """),
                .. lines.Select((line, index) => Line(line.Key, [.. line], index)),
            ],
            Table = new FigureTable(
                ["bottleneck", .. axes],
                [.. lines.Select(line => (IReadOnlyList<string>)[line.Key, .. axes.Select(name => line.FirstOrDefault(row => row.Benchmark == name) is { } row ? $"{ReportFigures.Effect(unit, row.Effect)} ({ReportFigures.Interval(unit, row.EffectLow, row.EffectHigh)}), n {row.TestItems}" : ReportFigures.None)])]),
        };

        double X(int index) => Left + (index * Step);
        double Y(double value) => Bottom - (scale.At(value) * (Bottom - Top));

        Markup Line(string name, SummaryRow[] points, int index)
        {
            var style = $"line{index % Styles}";
            var places = points.Select(row => (Row: row, X: X(Array.IndexOf(axes, row.Benchmark)) + ((index - ((lines.Length - 1) / 2.0)) * Math.Min(5, 40.0 / lines.Length)))).ToArray();
            var last = places[^1];
            return Markup.Of($"""
                <g class="{style}"><title>{name}</title><polyline class="path" points="{string.Join(' ', places.Select(place => FormattableString.Invariant($"{place.X:0.##},{Y(place.Row.Effect):0.##}")))}"/>
                {places.Select(place => Markup.Of($"""<line class="whisker" x1="{place.X}" y1="{Y(place.Row.EffectLow ?? place.Row.Effect)}" x2="{place.X}" y2="{Y(place.Row.EffectHigh ?? place.Row.Effect)}"/><circle class="dot" cx="{place.X}" cy="{Y(place.Row.Effect)}" r="3.5"/>"""))}
                <circle class="dot" cx="{X(axes.Length - 1) + 30}" cy="{Top + 8 + (index * 18)}" r="4"/><text class="value" x="{X(axes.Length - 1) + 40}" y="{Top + 12 + (index * 18)}">{Names.Shorten(name, 18)}</text></g>
                """);
        }
    }
}
