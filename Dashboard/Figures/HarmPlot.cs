using System.Globalization;
using Sweep.Contracts.Results;
using Sweep.Persistence.Reports;
using Sweep.Persistence.Reports.Html;

namespace Sweep.Dashboard.Figures;

/// <summary>What a bottleneck gains on a benchmark against what it costs on plain text. Top left is where one wants to be.</summary>
internal static class HarmPlot
{
    private const double Width = 620;
    private const double Height = 360;
    private const double Left = 60;
    private const double Right = 600;
    private const double Top = 30;
    private const double Bottom = 306;

    /// <summary>Changes of perplexity beyond this are drawn at the edge.</summary>
    private const double Most = 1;

    /// <summary>Null: no row has a change of perplexity.</summary>
    public static Figure? Draw(string title, IReadOnlyList<SummaryRow> rows, Func<SummaryRow, string> href)
    {
        SummaryRow[] shown = [.. rows.Where(row => row.PerplexityChange is not null)];
        if (shown.Length == 0)
            return null;
        var unit = shown[0].Unit;
        var gains = new EffectAxis(unit, shown.SelectMany(row => (double[])[row.Effect, row.EffectLow ?? row.Effect, row.EffectHigh ?? row.Effect]), ticks: 6);
        var harms = new EffectAxis(ScoreUnit.Share, shown.SelectMany(row => (double[])[row.PerplexityChange!.Value, row.PerplexityLow ?? 0, row.PerplexityHigh ?? 0]).Select(value => Math.Clamp(value, -Most, Most)), ticks: 6);
        return new Figure
        {
            Title = title,
            Caption = $"Effect ({ReportFigures.UnitOf(unit)}) against the change of perplexity of plain text (%) at the chosen scalar, both with 95 % intervals, n {shown.Min(row => row.TestItems)} to {shown.Max(row => row.TestItems)} test items. {(shown.Any(row => row.PerplexityChange > Most) ? "Changes beyond 100 % stand at the edge." : "")}",
            Label = $"{title}: {string.Join("; ", shown.Select(row => $"{row.Bottleneck} on {row.Benchmark} {ReportFigures.Effect(unit, row.Effect)} {ReportFigures.UnitOf(unit)} at {ReportFigures.Change(row.PerplexityChange)} perplexity"))}",
            Width = Width,
            Height = Height,
            IsInteractive = true,
            Parts =
            [
                Markup.Of($"""
                    {harms.Ticks().Select(tick => Markup.Of($"""<line class="grid" x1="{X(tick.Value)}" y1="{Top}" x2="{X(tick.Value)}" y2="{Bottom}"/><text class="tick" x="{X(tick.Value)}" y="{Bottom + 18}" text-anchor="middle">{tick.Label}</text>"""))}
                    {gains.Ticks().Select(tick => Markup.Of($"""<line class="grid" x1="{Left}" y1="{Y(tick.Value)}" x2="{Right}" y2="{Y(tick.Value)}"/><text class="tick" x="{Left - 6}" y="{Y(tick.Value) + 4}" text-anchor="end">{tick.Label}</text>"""))}
                    <line class="zero" x1="{X(0)}" y1="{Top}" x2="{X(0)}" y2="{Bottom}"/><line class="zero" x1="{Left}" y1="{Y(0)}" x2="{Right}" y2="{Y(0)}"/>
                    <text class="tick" x="{(Left + Right) / 2}" y="{Height - 14}" text-anchor="middle">change of perplexity, % (right: harm)</text><text class="tick" x="{Left - 46}" y="{Top - 16}">effect, {ReportFigures.UnitOf(unit)}</text>
                    """),
                .. shown.Select(Mark),
            ],
            Table = new FigureTable(
                ["bottleneck", "benchmark", "scalar", "effect", "95 % interval", "perplexity", "95 % interval of it", "n"],
                [.. shown.Select(row => (IReadOnlyList<string>)
                [
                    row.Bottleneck, row.Benchmark, ReportFigures.Scalar(row.Scalar), ReportFigures.Effect(unit, row.Effect), ReportFigures.Interval(unit, row.EffectLow, row.EffectHigh),
                    ReportFigures.Change(row.PerplexityChange), $"{ReportFigures.Change(row.PerplexityLow)} to {ReportFigures.Change(row.PerplexityHigh)}", row.TestItems.ToString(CultureInfo.InvariantCulture),
                ])]),
        };

        double X(double value) => Left + (harms.At(Math.Clamp(value, -Most, Most)) * (Right - Left));
        double Y(double value) => Bottom - (gains.At(value) * (Bottom - Top));

        Markup Mark(SummaryRow row)
        {
            var (x, y) = (X(row.PerplexityChange!.Value), Y(row.Effect));
            var colour = row.Verdict switch { EffectVerdict.Better => "gain", EffectVerdict.Worse => "harm", _ => "still" };
            var sentence = $"{row.Bottleneck} ×{ReportFigures.Scalar(row.Scalar)} on {row.Benchmark} of {row.Model}: {ReportFigures.Effect(unit, row.Effect)} {ReportFigures.UnitOf(unit)} ({ReportFigures.Interval(unit, row.EffectLow, row.EffectHigh)}), perplexity {ReportFigures.Change(row.PerplexityChange)}, n {row.TestItems}";
            var label = row.Verdict is EffectVerdict.Better or EffectVerdict.Worse ? Markup.Of($"""<text aria-hidden="true" class="value" x="{x + (x > Right - 120 ? -9 : 9)}" y="{y - 7}" text-anchor="{(x > Right - 120 ? "end" : "start")}">{Names.Shorten(row.Bottleneck, 20)}</text>""") : Markup.Empty;
            return Markup.Of($"""
                <a class="drill" href="{href(row)}"><title>{sentence}</title><circle class="halo" cx="{x}" cy="{y}" r="13"/>
                <line class="interval thin {colour}" x1="{x}" y1="{Y(row.EffectLow ?? row.Effect)}" x2="{x}" y2="{Y(row.EffectHigh ?? row.Effect)}"/><line class="interval thin {colour}" x1="{X(row.PerplexityLow ?? row.PerplexityChange.Value)}" y1="{y}" x2="{X(row.PerplexityHigh ?? row.PerplexityChange.Value)}" y2="{y}"/>
                <circle class="point {colour}" cx="{x}" cy="{y}" r="4.5"/>{label}</a>
                """);
        }
    }
}
