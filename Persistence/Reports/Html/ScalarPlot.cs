using Sweep.Contracts.Results;

namespace Sweep.Persistence.Reports.Html;

/// <summary>A panel a bottleneck: the effect on the test split at every scalar with its interval, over the random controls at the same scalars. Panels share their scale.</summary>
internal static class ScalarPlot
{
    private const string Test = "test";
    private const double Width = 260;
    private const double Height = 170;
    private const double Left = 42;
    private const double Right = 250;
    private const double Top = 24;
    private const double Bottom = 132;
    private const int MostLabels = 8;

    /// <summary>Empty where no bottleneck has two scalars.</summary>
    public static Markup Draw(BenchmarkReport benchmark)
    {
        var panels = benchmark.Cells.Where(cell => cell.Scalar is not null && cell.Splits.GetValueOrDefault(Test) is { N: > 0 }).GroupBy(cell => cell.Bottleneck).Where(panel => panel.Count() > 1).ToArray();
        if (panels.Length == 0)
            return Markup.Empty;
        var values = panels.SelectMany(panel => panel).SelectMany(cell => Extent(cell, benchmark.Bands.GetValueOrDefault((cell.Bottleneck, cell.Scalar))));
        var axis = new EffectAxis(benchmark.Baseline.Unit, values, ticks: 4);
        return Markup.Of($"""<div class="panels">{panels.Select(panel => Panel(benchmark, [.. panel], axis))}</div>""");
    }

    private static IEnumerable<double> Extent(SummaryCell cell, ControlBand? band)
    {
        var scores = cell.Splits[Test];
        return [scores.Effect, scores.EffectLow ?? scores.Effect, scores.EffectHigh ?? scores.Effect, band?.Lowest ?? 0, band?.Highest ?? 0];
    }

    private static Markup Panel(BenchmarkReport benchmark, SummaryCell[] cells, EffectAxis axis)
    {
        var name = cells[0].Bottleneck;
        var chosen = benchmark.Effects.FirstOrDefault(effect => effect.Row.Bottleneck == name)?.Row.Scalar;
        var every = ((cells.Length - 1) / MostLabels) + 1;
        var banded = cells.Index().Select(pair => (pair.Index, Band: benchmark.Bands.GetValueOrDefault((name, pair.Item.Scalar)))).Where(pair => pair.Band is not null).ToArray();
        var unit = benchmark.Baseline.Unit;
        var summary = string.Join("; ", cells.Select(cell => $"×{ReportFigures.Scalar(cell.Scalar)} {ReportFigures.Effect(unit, cell.Splits[Test].Effect)}"));
        return Markup.Of($"""
            <svg class="plot panel" viewBox="0 0 {Width} {Height}" role="img" aria-label="Effect of {name} by scalar, {ReportFigures.UnitOf(unit)}: {summary}">
            <text class="name" x="{Left}" y="14">{name}</text>
            {axis.Ticks().Select(tick => Markup.Of($"""<line class="grid" x1="{Left}" y1="{Y(tick.Value)}" x2="{Right}" y2="{Y(tick.Value)}"/><text class="tick" x="{Left - 5}" y="{Y(tick.Value) + 4}" text-anchor="end">{tick.Label}</text>"""))}
            <line class="zero" x1="{Left}" y1="{Y(0)}" x2="{Right}" y2="{Y(0)}"/>
            {(banded.Length < 2 ? Markup.Empty : Markup.Of($"""<polygon class="band" points="{string.Join(' ', banded.Select(pair => Point(X(pair.Index), Y(pair.Band!.Highest))).Concat(banded.Reverse().Select(pair => Point(X(pair.Index), Y(pair.Band!.Lowest)))))}"/>"""))}
            <polyline class="curve" points="{string.Join(' ', cells.Select((cell, index) => Point(X(index), Y(cell.Splits[Test].Effect))))}"/>
            {cells.Select((cell, index) => Mark(cell, X(index), cell.Scalar == chosen))}
            {cells.Index().Where(pair => pair.Index % every == 0 || pair.Item.Scalar == chosen).Select(pair => Markup.Of($"""<text class="tick{(pair.Item.Scalar == chosen ? " chosen" : "")}" x="{X(pair.Index)}" y="{Bottom + 16}" text-anchor="middle">{ReportFigures.Scalar(pair.Item.Scalar)}</text>"""))}
            <text class="tick" x="{(Left + Right) / 2}" y="{Height - 6}" text-anchor="middle">scalar{(chosen is null ? "" : $", chosen ×{ReportFigures.Scalar(chosen)}")}</text>
            </svg>
            """);

        double X(int index) => Left + 10 + (index * (Right - Left - 20) / (cells.Length - 1));
        double Y(double value) => Bottom - (axis.At(value) * (Bottom - Top));

        Markup Mark(SummaryCell cell, double x, bool isChosen)
        {
            var scores = cell.Splits[Test];
            var bar = scores is { EffectLow: { } low, EffectHigh: { } high } ? Markup.Of($"""<line class="interval curve" x1="{x}" y1="{Y(low)}" x2="{x}" y2="{Y(high)}"/>""") : Markup.Empty;
            return Markup.Of($"""{bar}<circle class="point curve{(isChosen ? " chosen" : "")}" cx="{x}" cy="{Y(scores.Effect)}" r="{(isChosen ? 4.5 : 2.5)}"/>""");
        }
    }

    private static string Point(double x, double y) => FormattableString.Invariant($"{x:0.##},{y:0.##}");
}
