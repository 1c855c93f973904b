using System.Globalization;
using Sweep.Contracts.Results;
using Sweep.Persistence.Reports;
using Sweep.Persistence.Reports.Html;

namespace Sweep.Dashboard.Figures;

/// <summary>How the effects of single items are spread around their mean.</summary>
internal static class Histogram
{
    private const double Width = 520;
    private const double Height = 240;
    private const double Left = 46;
    private const double Right = 494;
    private const double Top = 22;
    private const double Bottom = 188;
    private const int MostBars = 24;

    /// <param name="title">Of the figure.</param>
    /// <param name="effects">One an item.</param>
    /// <param name="unit">Of the effects.</param>
    /// <param name="interval">95 % interval of the mean, where it is known.</param>
    public static Figure? Draw(string title, IReadOnlyList<double> effects, ScoreUnit unit, (double Low, double High)? interval)
    {
        if (effects.Count == 0)
            return null;
        var mean = effects.Average();
        var bins = Bins(effects);
        var axis = new EffectAxis(unit, bins.SelectMany(bin => (double[])[bin.From, bin.To]), ticks: 6);
        var most = bins.Max(bin => bin.Count);
        var unchanged = effects.Count(effect => effect == 0);
        return new Figure
        {
            Title = title,
            Caption = $"n {effects.Count} items, mean {ReportFigures.Effect(unit, mean)} {ReportFigures.UnitOf(unit)}{(interval is { } known ? $", its 95 % interval {ReportFigures.Interval(unit, known.Low, known.High)} (violet)" : ", without an interval")}; {unchanged} unchanged. Steered less unsteered, item by item.",
            Label = $"{title}: {string.Join("; ", bins.Where(bin => bin.Count > 0).Select(bin => $"{ReportFigures.Effect(unit, bin.From)} to {ReportFigures.Effect(unit, bin.To)}: {bin.Count}"))}",
            Width = Width,
            Height = Height,
            Parts =
            [
                Markup.Of($"""
                    {axis.Ticks().Select(tick => Markup.Of($"""<text class="tick" x="{X(tick.Value)}" y="{Bottom + 18}" text-anchor="middle">{tick.Label}</text>"""))}
                    {Counts(most).Select(count => Markup.Of($"""<line class="grid" x1="{Left}" y1="{Y(count)}" x2="{Right}" y2="{Y(count)}"/><text class="tick" x="{Left - 6}" y="{Y(count) + 4}" text-anchor="end">{count}</text>"""))}
                    {bins.Select(bin => Markup.Of($"""<rect class="bar {(bin.To <= 0 ? "harm" : bin.From >= 0 ? "gain" : "still")}" x="{X(bin.From) + 0.5}" y="{Y(bin.Count)}" width="{Math.Max(1, X(bin.To) - X(bin.From) - 1)}" height="{Bottom - Y(bin.Count)}"><title>{ReportFigures.Effect(unit, bin.From)} to {ReportFigures.Effect(unit, bin.To)}: {bin.Count} items</title></rect>"""))}
                    <line class="zero" x1="{X(0)}" y1="{Top}" x2="{X(0)}" y2="{Bottom}"/>
                    {(interval is { } range ? Markup.Of($"""<rect class="range" x="{X(range.Low)}" y="{Top}" width="{Math.Max(1, X(range.High) - X(range.Low))}" height="{Bottom - Top}"/>""") : Markup.Empty)}
                    <line class="mean" x1="{X(mean)}" y1="{Top}" x2="{X(mean)}" y2="{Bottom}"/>
                    <text class="tick" x="6" y="{Top - 4}">items</text><text class="tick" x="{(Left + Right) / 2}" y="{Height - 12}" text-anchor="middle">effect of an item, {ReportFigures.UnitOf(unit)}</text>
                    """),
            ],
            Table = new FigureTable(["from", "to", "items"], [.. bins.Select(bin => (IReadOnlyList<string>)[ReportFigures.Effect(unit, bin.From), ReportFigures.Effect(unit, bin.To), bin.Count.ToString(CultureInfo.InvariantCulture)])]),
        };

        double X(double value) => Left + (axis.At(value) * (Right - Left));
        double Y(double count) => Bottom - (count / most * (Bottom - Top));
    }

    /// <summary>Of equal width, one of them with 0 in its middle.</summary>
    internal static IReadOnlyList<(double From, double To, int Count)> Bins(IReadOnlyList<double> effects)
    {
        var reach = effects.Max(Math.Abs);
        if (reach == 0)
            return [(-0.05, 0.05, effects.Count)];
        // Odd, so that what did not change has a bar of its own.
        var bars = Math.Min(MostBars / 2, Math.Max(1, (int)Math.Ceiling(Math.Sqrt(effects.Count)) / 2));
        var width = reach / (bars + 0.5) * (1 + 1e-9);
        var counts = new SortedDictionary<int, int>();
        for (var index = -bars; index <= bars; index++)
            counts[index] = 0;
        foreach (var effect in effects)
            counts[Math.Clamp((int)Math.Round(effect / width), -bars, bars)]++;
        while (counts.Count > 1 && counts.First() is { Value: 0, Key: < 0 } first)
            counts.Remove(first.Key);
        while (counts.Count > 1 && counts.Last() is { Value: 0, Key: > 0 } last)
            counts.Remove(last.Key);
        return [.. counts.Select(pair => ((pair.Key - 0.5) * width, (pair.Key + 0.5) * width, pair.Value))];
    }

    private static IEnumerable<int> Counts(int most)
    {
        var step = Math.Max(1, (int)Math.Ceiling(most / 4.0));
        for (var count = step; count <= most; count += step)
            yield return count;
    }
}
