using Sweep.Contracts.Results;
using Sweep.Persistence.Reports;
using Sweep.Persistence.Reports.Html;

namespace Sweep.Dashboard.Figures;

/// <summary>A bottleneck's effect by scalar with its intervals, over the band of the random controls at the same scalars.</summary>
internal static class ResponseCurve
{
    private const double Width = 420;
    private const double Height = 250;
    private const double Left = 52;
    private const double Right = 408;
    private const double Top = 14;
    private const double Bottom = 198;
    private const int MostLabels = 10;

    /// <summary>Null: there are not two scalars with an effect.</summary>
    public static Figure? Draw(IReadOnlyList<EffectCell> cells, IReadOnlyDictionary<(string Bottleneck, double? Scalar), ControlBand> bands)
    {
        EffectCell[] all = [.. cells.Where(cell => cell is { Scalar: not null, Effect: not null }).OrderBy(cell => cell.Scalar)];
        var points = Series.Thin(all, cell => cell.Effect!.Value, cell => cell.IsChosen);
        if (points.Length < 2)
            return null;
        var unit = points[0].Unit;
        var name = points[0].Bottleneck;
        var banded = points.Index().Select(pair => (pair.Index, Band: bands.GetValueOrDefault((name, pair.Item.Scalar)))).Where(pair => pair.Band is not null).ToArray();
        var values = points.SelectMany(cell => (double[])[cell.Effect!.Value, cell.Low ?? cell.Effect.Value, cell.High ?? cell.Effect.Value]).Concat(banded.SelectMany(pair => (double[])[pair.Band!.Lowest, pair.Band.Highest]));
        var axis = new EffectAxis(unit, values, ticks: 5);
        var every = ((points.Length - 1) / MostLabels) + 1;
        var sets = banded.Length == 0 ? 0 : banded.Max(pair => pair.Band!.Sets);
        return new Figure
        {
            Title = $"{name} by scalar",
            Caption = $"{points[0].Benchmark} of {points[0].Model}, n {points.Min(cell => cell.N)}{(points.Min(cell => cell.N) == points.Max(cell => cell.N) ? "" : $" to {points.Max(cell => cell.N)}")} test items, effect in {ReportFigures.UnitOf(unit)} with 95 % intervals.{(sets > 0 ? $" Violet: from the lowest to the highest of {sets} random control sets." : " No random controls.")} Open point: the chosen scalar.",
            Label = $"Effect of {name} by scalar: {string.Join("; ", points.Select(cell => $"×{ReportFigures.Scalar(cell.Scalar)} {ReportFigures.Effect(unit, cell.Effect)}"))}",
            Width = Width,
            Height = Height,
            IsInteractive = true,
            Parts =
            [
                Markup.Of($"""
                    {axis.Ticks().Select(tick => Markup.Of($"""<line class="grid" x1="{Left}" y1="{Y(tick.Value)}" x2="{Right}" y2="{Y(tick.Value)}"/><text class="tick" x="{Left - 6}" y="{Y(tick.Value) + 4}" text-anchor="end">{tick.Label}</text>"""))}
                    {(banded.Length < 2 ? Markup.Empty : Markup.Of($"""<polygon class="band" points="{string.Join(' ', banded.Select(pair => Point(X(pair.Index), Y(pair.Band!.Highest))).Concat(banded.Reverse().Select(pair => Point(X(pair.Index), Y(pair.Band!.Lowest)))))}"/><polyline class="median" points="{string.Join(' ', banded.Select(pair => Point(X(pair.Index), Y(pair.Band!.Median))))}"/>"""))}
                    <line class="zero" x1="{Left}" y1="{Y(0)}" x2="{Right}" y2="{Y(0)}"/>
                    <polyline class="curve" points="{string.Join(' ', points.Select((cell, index) => Point(X(index), Y(cell.Effect!.Value))))}"/>
                    {points.Index().Where(pair => pair.Index % every == 0).Select(pair => Markup.Of($"""<text class="tick" x="{X(pair.Index)}" y="{Bottom + 18}" text-anchor="middle">{ReportFigures.Scalar(pair.Item.Scalar)}</text>"""))}
                    <text class="tick" x="{(Left + Right) / 2}" y="{Height - 10}" text-anchor="middle">scalar</text>
                    """),
                .. points.Select((cell, index) => Mark(cell, X(index))),
            ],
            Table = WithBands(all, bands),
        };

        double X(int index) => Left + 14 + (index * (Right - Left - 28) / (points.Length - 1));
        double Y(double value) => Bottom - (axis.At(value) * (Bottom - Top));

        Markup Mark(EffectCell cell, double x)
        {
            var bar = cell is { Low: { } low, High: { } high } ? Markup.Of($"""<line class="interval curve" x1="{x}" y1="{Y(low)}" x2="{x}" y2="{Y(high)}"/>""") : Markup.Empty;
            var point = Markup.Of($"""<title>{cell.Sentence}</title>{bar}<circle class="halo" cx="{x}" cy="{Y(cell.Effect!.Value)}" r="12"/><circle class="point curve{(cell.IsChosen ? " chosen" : "")}" cx="{x}" cy="{Y(cell.Effect.Value)}" r="{(cell.IsChosen ? 5.5 : 3.5)}"/>""");
            return cell.Href is null ? point : Markup.Of($"""<a class="drill" href="{cell.Href}">{point}</a>""");
        }
    }

    private static FigureTable WithBands(EffectCell[] points, IReadOnlyDictionary<(string Bottleneck, double? Scalar), ControlBand> bands)
    {
        var table = EffectTable.Of(points);
        return new FigureTable(
            [.. table.Head, "random controls, lowest", "median", "highest"],
            [.. table.Rows.Zip(points, (row, cell) => (IReadOnlyList<string>)[.. row, .. Band(bands.GetValueOrDefault((cell.Bottleneck, cell.Scalar)), cell.Unit)])]);

        static string[] Band(ControlBand? band, ScoreUnit unit) => [ReportFigures.Effect(unit, band?.Lowest), ReportFigures.Effect(unit, band?.Median), ReportFigures.Effect(unit, band?.Highest)];
    }

    private static string Point(double x, double y) => FormattableString.Invariant($"{x:0.##},{y:0.##}");
}
