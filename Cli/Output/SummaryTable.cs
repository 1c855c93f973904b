using Spectre.Console;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Output;

/// <summary>
/// The table of one model: what each bottleneck does over all benchmarks, then a line for each benchmark with what its rows have in common, under it a line for each bottleneck. It fits
/// 80 columns, where some columns are left out.
/// </summary>
internal static class SummaryTable
{
    private const string TooFewItems = "too few items";
    private const int NarrowestName = 12;

    private static readonly Column[] Columns =
    [
        new("bottleneck", 0, row => row.Bottleneck, overall => overall.Bottleneck, (_, kind) => $"· {ControlNames.Of(kind.Kind)}{(kind.Sets > 1 ? $" ×{kind.Sets}" : "")}"),
        new("verdict", 0, row => new(Figures.Verdict(row.Verdict), Style(row.EffectLow, row.EffectHigh))),
        new("scalar", 0, row => Figures.Scalar(row.Scalar)),
        new("score", 100, row => Figures.Score(row.Metric, row.Steered)),
        new("effect", 0, row => new(Figures.Effect(row.Metric, row.Effect), Style(row.EffectLow, row.EffectHigh)), overall => new(Figures.Effect("", overall.Effect), Style(overall.EffectLow, overall.EffectHigh)), (row, kind) => kind.Effect is { } mean ? Figures.Effect(row.Metric, mean) : "-"),
        new("95 % interval", 0, row => new(Figures.Interval(row), Style(row.EffectLow, row.EffectHigh)), overall => Figures.Interval("", overall.EffectLow, overall.EffectHigh)),
        new("p", 110, row => Figures.P(row.P), overall => Figures.P(overall.P)),
        new("p fam", 0, row => Figures.P(row.FamilyP)),
        new("ΔLL", 0, row => Figures.LogLikelihoodEffect(row.LogLikelihoodEffect), null, (_, kind) => Figures.LogLikelihoodEffect(kind.LogLikelihoodEffect)),
        new("rank", 0, row => Figures.Rank(row), null, (_, kind) => kind.Rank is { } rank ? $"{rank}/{kind.Sets + 1}" : "-"),
        new("p rank", 110, row => Figures.RankP(row)),
        new("ppl", 0, row => Figures.PerplexityChange(row.PerplexityChange)),
    ];

    public static void Print(IAnsiConsole console, string model, IReadOnlyList<SummaryRow> rows, IReadOnlyList<OverallEffect>? overall = null)
    {
        var measured = rows.Where(row => row.TestItems > 0).ToArray();
        Column[] columns = [.. Columns.Where(column => console.Profile.Width >= column.FromWidth)];
        TextCell[] header = [.. columns.Select(column => new TextCell(column.Header))];
        var lines = measured.ToDictionary(row => row, row => columns.Select(column => column.OfRow(row)).ToArray());
        var ofOverall = (overall ?? []).Select(one => columns.Select(column => column.OfOverall?.Invoke(one) ?? "-").ToArray()).ToArray();

        // A finding must stand beside what else was tried; the comparisons of all rows are in the JSON.
        var compared = measured.Where(row => row.Verdict == EffectVerdict.Better).ToDictionary(
            row => row, row => row.Comparisons.Where(kind => kind.Kind != ControlKind.Random).Select(kind => columns.Select(column => column.OfControls?.Invoke(row, kind) ?? "").ToArray()).ToArray());
        var gap = console.Profile.Width >= 100 ? 2 : 1;
        var widths = TextColumns.Widths([header, .. lines.Values, .. ofOverall, .. compared.Values.SelectMany(kinds => kinds)]);
        var room = console.Profile.Width - 1 - widths.Skip(1).Sum(width => width + gap) - 1;
        widths[0] = Math.Clamp(room, Math.Min(NarrowestName, widths[0]), widths[0]);

        console.WriteLine();
        console.MarkupLine($"[bold underline]{Markup.Escape(model)}[/]");
        console.MarkupLine($" [dim]{TextColumns.Line(header, widths, gap)}[/]");
        if (ofOverall.Length > 0)
            console.MarkupLine("[bold]over benchmarks[/] [dim]points, random effects[/]");
        foreach (var line in ofOverall)
            console.MarkupLine($" {TextColumns.Line(line, widths, gap)}".TrimEnd());
        foreach (var group in measured.GroupBy(row => (row.Benchmark, row.Metric, row.Baseline, row.SelectionItems, row.TestItems)))
        {
            var all = group.All(row => row.TooFewItems);
            console.MarkupLine($"[bold]{Markup.Escape(group.Key.Benchmark)}[/] [dim]{Markup.Escape(Common(group.First()))}{(all ? $", {TooFewItems}" : "")}[/]");
            foreach (var row in group)
            {
                console.MarkupLine($" {TextColumns.Line(lines[row], widths, gap)}".TrimEnd());
                foreach (var line in compared.GetValueOrDefault(row) ?? [])
                    console.MarkupLine($" [dim]{TextColumns.Line(line, widths, gap)}[/]".TrimEnd());
                if (Remarks(row, besideTooFew: !all) is { Length: > 0 } remarks)
                    console.MarkupLine($"   [dim]{remarks}[/]");
            }
        }

        if (measured.Any(row => row.Verdict is not null))
            console.MarkupLine("[dim]p fam and verdict: corrected for all rows of the sweep[/]");
        if (measured.FirstOrDefault(row => row.RankOnly) is { } ranked)
            console.MarkupLine($"[dim]rank only: {ranked.Controls} random controls cannot show a corrected p of 0.05[/]");
        if (rows.Where(row => row.TestItems == 0).Select(Name).ToArray() is { Length: > 0 } open)
            console.MarkupLine($"[dim]not measured on any test item: {Markup.Escape(BottleneckNames.Of(open, [.. rows.Select(Name)]))}[/]");
    }

    private static (string Benchmark, string Bottleneck) Name(SummaryRow row) => (row.Benchmark, row.Bottleneck);

    private static string Common(SummaryRow row) =>
        $"{row.Metric.Replace('_', ' ')}, baseline {Figures.Score(row.Metric, row.Baseline)}, {Chosen(row)} {row.TestItems}{(row.CrossFit is null ? "" : " items")} in {row.TestGroups} groups";

    private static string Chosen(SummaryRow row) => row switch
    {
        { CrossFit: { } folds } => $"cross-fitted in {folds.Folds.Count} folds, on",
        { Tried: not null, SelectionItems: 0 } => "chosen on the other benchmarks' items, tested on",
        _ => $"chosen on {row.SelectionItems} items, tested on",
    };

    /// <summary>The colours of the heat map, told apart by every common kind of colour vision.</summary>
    private static string? Style(double? low, double? high) => low > 0 ? HeatMap.Gain : high < 0 ? HeatMap.Harm : null;

    private static string Remarks(SummaryRow row, bool besideTooFew)
    {
        var remarks = new List<string>();

        // Whatever was found was found: the remark is about effects that this many items would have missed.
        if (besideTooFew && row is { TooFewItems: true, EffectLow: <= 0, EffectHigh: >= 0 })
            remarks.Add(TooFewItems);
        if (row.Reshuffling)
            remarks.Add("reshuffling: the score rises, the gold's log-likelihood falls");
        if (row.CrossFit is { } folds && folds.Agreeing < folds.Folds.Count)
            remarks.Add($"{folds.Agreeing} of {folds.Folds.Count} folds chose ×{Figures.Scalar(row.Scalar)}, others {string.Join(", ", Others(row, folds))}");
        if (row is { Verdict: EffectVerdict.Better, Selection: { Corrected: { } corrected } gain })
            remarks.Add($"{(row.CrossFit is null ? "on selection" : "where it was chosen")} {Gain(gain.Unit, gain.Raw)}, cross-fitted {Gain(gain.Unit, corrected)}");
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

    private static IEnumerable<string> Others(SummaryRow row, CrossFitResult folds) =>
        folds.Folds.Select(fold => fold.Scalar).Where(scalar => scalar != row.Scalar).Distinct().Order().Select(scalar => $"×{Figures.Scalar(scalar)}");

    private static string Gain(ScoreUnit unit, double gain) => unit == ScoreUnit.Share ? $"{Figures.Signed(100 * gain, "0.0")} points" : $"{Figures.Signed(gain, "0.00")} nats";

    /// <param name="Header">Of the column.</param>
    /// <param name="FromWidth">Of the terminal, from which on there is room for it.</param>
    /// <param name="OfRow">The row's cell.</param>
    /// <param name="OfOverall">That of a bottleneck over all benchmarks; null: there is none.</param>
    /// <param name="OfControls">That of one kind of a row's controls; null: there is none.</param>
    private sealed record Column(
        string Header, int FromWidth, Func<SummaryRow, TextCell> OfRow, Func<OverallEffect, TextCell>? OfOverall = null, Func<SummaryRow, ControlComparison, TextCell>? OfControls = null);
}
