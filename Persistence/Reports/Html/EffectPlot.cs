using Sweep.Contracts.Results;

namespace Sweep.Persistence.Reports.Html;

/// <summary>Every bottleneck's effect at its chosen scalar with its interval, over the band of the random controls at that scalar and the zone in which effects do not matter.</summary>
internal static class EffectPlot
{
    private const double Width = 760;
    private const double Left = 190;
    private const double Right = 530;
    private const double RowHeight = 28;
    private const double Top = 8;
    private const int LongestLabel = 28;

    public static Markup Draw(BenchmarkReport benchmark, double smallest)
    {
        var effects = benchmark.Effects;
        var unit = effects[0].Row.Unit;
        var axis = new EffectAxis(unit, effects.SelectMany(effect => Extent(benchmark, effect)).Concat([-smallest, smallest]), ticks: 6);
        var bottom = Top + (effects.Count * RowHeight);
        var summary = string.Join("; ", effects.Select(effect => $"{effect.Row.Bottleneck} {ReportFigures.Effect(unit, effect.Row.Effect)} ({ReportFigures.Interval(unit, effect.Row.EffectLow, effect.Row.EffectHigh)})"));
        return Markup.Of($"""
            <svg class="plot" viewBox="0 0 {Width} {bottom + 36}" role="img" aria-label="Effects in {ReportFigures.UnitOf(unit)} with 95 % intervals: {summary}">
            <rect class="zone" x="{X(-smallest)}" y="{Top}" width="{X(smallest) - X(-smallest)}" height="{bottom - Top}"/>
            {axis.Ticks().Select(tick => Markup.Of($"""<line class="grid" x1="{X(tick.Value)}" y1="{Top}" x2="{X(tick.Value)}" y2="{bottom}"/><text class="tick" x="{X(tick.Value)}" y="{bottom + 15}" text-anchor="middle">{tick.Label}</text>"""))}
            <line class="zero" x1="{X(0)}" y1="{Top}" x2="{X(0)}" y2="{bottom}"/>
            <text class="tick" x="{(Left + Right) / 2}" y="{bottom + 31}" text-anchor="middle">effect, {ReportFigures.UnitOf(unit)}</text>
            {effects.Select((effect, index) => Row(effect, Top + ((index + 0.5) * RowHeight)))}
            </svg>
            """);

        double X(double value) => Left + (axis.At(value) * (Right - Left));

        Markup Row(EffectReport effect, double y)
        {
            var row = effect.Row;
            var band = benchmark.Bands.GetValueOrDefault((row.Bottleneck, row.Scalar));
            var colour = row.Verdict switch { EffectVerdict.Better => "gain", EffectVerdict.Worse => "harm", _ => "still" };
            var (low, high) = (row.EffectLow ?? row.Effect, row.EffectHigh ?? row.Effect);
            return Markup.Of($"""
                <text class="name" x="{Left - 8}" y="{y + 4}" text-anchor="end">{Shorten($"{row.Bottleneck} ×{ReportFigures.Scalar(row.Scalar)}")}</text>
                {(band is null ? Markup.Empty : Markup.Of($"""<rect class="band" x="{X(band.Lowest)}" y="{y - 9}" width="{Math.Max(1.5, X(band.Highest) - X(band.Lowest))}" height="18"/><line class="median" x1="{X(band.Median)}" y1="{y - 9}" x2="{X(band.Median)}" y2="{y + 9}"/>"""))}
                <line class="interval {colour}" x1="{X(low)}" y1="{y}" x2="{X(high)}" y2="{y}"/><circle class="point {colour}" cx="{X(row.Effect)}" cy="{y}" r="4.5"/>
                <text class="value" x="{Right + 12}" y="{y + 4}">{ReportFigures.Effect(row.Unit, row.Effect)} ({ReportFigures.Interval(row.Unit, row.EffectLow, row.EffectHigh)}) {ReportFigures.Verdict(row.Verdict)}</text>
                """);
        }
    }

    /// <summary>The same for every bottleneck by scalar is a figure of its own: <see cref="ScalarPlot"/>.</summary>
    private static IEnumerable<double> Extent(BenchmarkReport benchmark, EffectReport effect)
    {
        var row = effect.Row;
        var band = benchmark.Bands.GetValueOrDefault((row.Bottleneck, row.Scalar));
        return [row.Effect, row.EffectLow ?? row.Effect, row.EffectHigh ?? row.Effect, band?.Lowest ?? 0, band?.Highest ?? 0];
    }

    private static string Shorten(string name) => name.Length <= LongestLabel ? name : string.Concat(name.AsSpan(0, (LongestLabel / 2) - 1), "…", name.AsSpan(name.Length - (LongestLabel / 2)));
}
