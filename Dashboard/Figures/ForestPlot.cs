using Sweep.Contracts.Results;
using Sweep.Persistence.Reports;
using Sweep.Persistence.Reports.Html;

namespace Sweep.Dashboard.Figures;

/// <summary>One row a bottleneck at its chosen scalar: the test effect with its interval, over the band of its random controls, and the gain that selection promised.</summary>
internal static class ForestPlot
{
    private const double Width = 820;
    private const double Left = 200;
    private const double Right = 560;
    private const double RowHeight = 30;
    private const double Top = 10;
    private const int LongestName = 27;

    /// <param name="title">Of the figure.</param>
    /// <param name="rows">Of one unit.</param>
    /// <param name="bands">Random controls by (benchmark, bottleneck, scalar).</param>
    /// <param name="smallest">The smallest effect of interest, in the unit of the rows.</param>
    /// <param name="href">Where a row leads to.</param>
    public static Figure? Draw(
        string title, IReadOnlyList<SummaryRow> rows, IReadOnlyDictionary<(string Bottleneck, double? Scalar), ControlBand> bands, double smallest, Func<SummaryRow, string> href)
    {
        if (rows.Count == 0)
            return null;
        var unit = rows[0].Unit;
        var axis = new EffectAxis(unit, rows.SelectMany(Extent).Concat([-smallest, smallest]), ticks: 6);
        var bottom = Top + (rows.Count * RowHeight);
        return new Figure
        {
            Title = title,
            Caption = $"Effect at the chosen scalar on {Items(rows)} test items with its 95 % interval, {ReportFigures.UnitOf(unit)}. Grey zone: below the smallest effect of interest. Violet: the random controls at that scalar. Tick ▾: what selection promised.",
            Label = $"{title}: {string.Join("; ", rows.Select(row => $"{row.Bottleneck} {ReportFigures.Effect(unit, row.Effect)} ({ReportFigures.Interval(unit, row.EffectLow, row.EffectHigh)})"))}",
            Width = Width,
            Height = bottom + 40,
            IsInteractive = true,
            Parts =
            [
                Markup.Of($"""
                    <rect class="zone" x="{X(-smallest)}" y="{Top}" width="{X(smallest) - X(-smallest)}" height="{bottom - Top}"/>
                    {axis.Ticks().Select(tick => Markup.Of($"""<line class="grid" x1="{X(tick.Value)}" y1="{Top}" x2="{X(tick.Value)}" y2="{bottom}"/><text class="tick" x="{X(tick.Value)}" y="{bottom + 16}" text-anchor="middle">{tick.Label}</text>"""))}
                    <line class="zero" x1="{X(0)}" y1="{Top}" x2="{X(0)}" y2="{bottom}"/><text class="tick" x="{(Left + Right) / 2}" y="{bottom + 34}" text-anchor="middle">effect, {ReportFigures.UnitOf(unit)}</text>
                    """),
                .. rows.Select((row, index) => Row(row, Top + ((index + 0.5) * RowHeight))),
            ],
            Table = new FigureTable(
                ["bottleneck", "scalar", "selection gain", "cross-fitted", "test effect", "95 % interval", "n", "corrected p", "rank among controls", "verdict"],
                [.. rows.Select(row => (IReadOnlyList<string>)
                [
                    row.Bottleneck, ReportFigures.Scalar(row.Scalar), Gain(row, gain => gain.Raw), Gain(row, gain => gain.Corrected), ReportFigures.Effect(unit, row.Effect), ReportFigures.Interval(unit, row.EffectLow, row.EffectHigh),
                    ReportFigures.Whole(row.TestItems), ReportFigures.P(row.FamilyP), ReportFigures.Rank(row), ReportFigures.Verdict(row.Verdict),
                ])]),
        };

        double X(double value) => Left + (axis.At(value) * (Right - Left));

        Markup Row(SummaryRow row, double y)
        {
            var band = bands.GetValueOrDefault((row.Bottleneck, row.Scalar));
            var colour = row.Verdict switch { EffectVerdict.Better => "gain", EffectVerdict.Worse => "harm", _ => "still" };
            var (low, high) = (row.EffectLow ?? row.Effect, row.EffectHigh ?? row.Effect);
            var promised = row.Selection is { } gain && gain.Unit == unit ? Markup.Of($"""<text aria-hidden="true" class="promise" x="{X(gain.Raw)}" y="{y - 6}" text-anchor="middle">▾</text>""") : Markup.Empty;
            var sentence = $"{row.Bottleneck} ×{ReportFigures.Scalar(row.Scalar)} on {row.Benchmark} of {row.Model}: {ReportFigures.Effect(unit, row.Effect)} {ReportFigures.UnitOf(unit)}, 95 % interval {ReportFigures.Interval(unit, row.EffectLow, row.EffectHigh)}, n {row.TestItems}, {ReportFigures.Verdict(row.Verdict)}";
            return Markup.Of($"""
                <a class="drill" href="{href(row)}"><title>{sentence}</title><rect class="halo" x="0" y="{y - (RowHeight / 2) + 1}" width="{Width}" height="{RowHeight - 2}"/>
                <text aria-hidden="true" class="name" x="{Left - 10}" y="{y + 4}" text-anchor="end">{Names.Shorten($"{row.Bottleneck} ×{ReportFigures.Scalar(row.Scalar)}", LongestName)}</text>
                {(band is null ? Markup.Empty : Markup.Of($"""<rect class="band" x="{X(band.Lowest)}" y="{y - 9}" width="{Math.Max(2, X(band.Highest) - X(band.Lowest))}" height="18"/><line class="median" x1="{X(band.Median)}" y1="{y - 9}" x2="{X(band.Median)}" y2="{y + 9}"/>"""))}
                <line class="interval {colour}" x1="{X(low)}" y1="{y}" x2="{X(high)}" y2="{y}"/><circle class="point {colour}" cx="{X(row.Effect)}" cy="{y}" r="4.5"/>{promised}
                <text aria-hidden="true" class="value" x="{Right + 14}" y="{y + 4}">{ReportFigures.Effect(unit, row.Effect)} ({ReportFigures.Interval(unit, row.EffectLow, row.EffectHigh)}) {ReportFigures.Verdict(row.Verdict)}</text></a>
                """);
        }

        IEnumerable<double> Extent(SummaryRow row)
        {
            var band = bands.GetValueOrDefault((row.Bottleneck, row.Scalar));
            return [row.Effect, row.EffectLow ?? row.Effect, row.EffectHigh ?? row.Effect, band?.Lowest ?? 0, band?.Highest ?? 0, row.Selection is { } gain && gain.Unit == unit ? gain.Raw : 0];
        }
    }

    private static string Gain(SummaryRow row, Func<SelectionGain, double?> of) => row.Selection is { } gain && of(gain) is { } value ? $"{ReportFigures.Effect(gain.Unit, value)} {ReportFigures.UnitOf(gain.Unit)}" : ReportFigures.None;

    private static string Items(IReadOnlyList<SummaryRow> rows)
    {
        var (low, high) = (rows.Min(row => row.TestItems), rows.Max(row => row.TestItems));
        return low == high ? ReportFigures.Whole(low) : $"{ReportFigures.Whole(low)} to {ReportFigures.Whole(high)}";
    }
}
