using Spectre.Console;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Output;

/// <summary>The table of one model: a line for each benchmark with what its rows have in common, under it a line for each bottleneck. It fits 80 columns.</summary>
internal static class SummaryTable
{
    private const string TooFewItems = "too few items";
    private const int NarrowestName = 12;
    private static readonly TextCell[] Header = [new("bottleneck"), new("scalar"), new("score"), new("effect"), new("95 % interval"), new("p"), new("ΔLL"), new("rank"), new("ppl")];

    public static void Print(IAnsiConsole console, string model, IReadOnlyList<SummaryRow> rows)
    {
        var measured = rows.Where(row => row.TestItems > 0).ToArray();
        var lines = measured.ToDictionary(row => row, Line);
        var gap = console.Profile.Width >= 100 ? 2 : 1;
        var widths = TextColumns.Widths([Header, .. lines.Values]);
        var room = console.Profile.Width - 1 - widths.Skip(1).Sum(width => width + gap) - 1;
        widths[0] = Math.Clamp(room, Math.Min(NarrowestName, widths[0]), widths[0]);
        var full = 1 + widths.Sum() + (gap * (widths.Length - 1));

        console.WriteLine();
        console.MarkupLine($"[bold underline]{Markup.Escape(model)}[/]");
        console.MarkupLine($" [dim]{TextColumns.Line(Header, widths, gap)}[/]");
        foreach (var group in measured.GroupBy(row => (row.Benchmark, row.Metric, row.Baseline, row.SelectionItems, row.TestItems)))
        {
            var all = group.All(row => row.TooFewItems);
            console.MarkupLine($"[bold]{Markup.Escape(group.Key.Benchmark)}[/] [dim]{Markup.Escape(Common(group.First()))}{(all ? $", {TooFewItems}" : "")}[/]");
            foreach (var row in group)
            {
                console.MarkupLine($" {TextColumns.Line(lines[row], widths, gap)}".TrimEnd());
                if (Remarks(row, besideTooFew: !all) is { Length: > 0 } remarks)
                    console.MarkupLine($"   [dim]{remarks}[/]");
            }
        }

        if (rows.Where(row => row.TestItems == 0).Select(Name).ToArray() is { Length: > 0 } open)
            console.MarkupLine($"[dim]not measured on any test item: {Markup.Escape(BottleneckNames.Of(open, [.. rows.Select(Name)]))}[/]");
    }

    private static (string Benchmark, string Bottleneck) Name(SummaryRow row) => (row.Benchmark, row.Bottleneck);

    private static string Common(SummaryRow row) =>
        $"{row.Metric.Replace('_', ' ')}, baseline {Figures.Score(row.Metric, row.Baseline)}, chosen on {row.SelectionItems} items, tested on {row.TestItems}";

    private static TextCell[] Line(SummaryRow row)
    {
        // The colours of the heat map, told apart by every common kind of colour vision.
        var style = row.EffectLow > 0 ? HeatMap.Gain : row.EffectHigh < 0 ? HeatMap.Harm : null;
        return
        [
            row.Bottleneck,
            Figures.Scalar(row.Scalar),
            Figures.Score(row.Metric, row.Steered),
            new(Figures.Effect(row.Metric, row.Effect), style),
            new(Figures.Interval(row), style),
            Figures.P(row.McNemarP),
            row.LogLikelihoodEffect is { } gain ? Figures.Signed(gain, "0.00") : "-",
            Figures.Rank(row),
            Figures.PerplexityChange(row.PerplexityChange),
        ];
    }

    private static string Remarks(SummaryRow row, bool besideTooFew)
    {
        var remarks = new List<string>();

        // Whatever was found was found: the remark is about effects that this many items would have missed.
        if (besideTooFew && row is { TooFewItems: true, EffectLow: <= 0, EffectHigh: >= 0 })
            remarks.Add(TooFewItems);
        if (row.Flips is > 0 and var flips)
            remarks.Add($"{flips} {(flips == 1 ? "item flips" : "items flip")} by packing alone");
        if (row.WithinNoise == true)
            remarks.Add("effect within packing noise");
        if (row.Diverged > 0)
            remarks.Add($"{row.Diverged} items diverged at some scalar");
        if (row.Receipt is { Fired: false })
            remarks.Add("[red]did not fire: its receipt does not show the planned intervention[/]");
        if (row.Receipt is { Fired: true, Inert: true })
            remarks.Add("inert: no log-likelihood moved");
        return string.Join("; ", remarks);
    }
}
