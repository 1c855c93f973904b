using System.Globalization;
using Spectre.Console;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Cli.Output;

/// <summary>The table of a sweep and its heat maps, for a terminal.</summary>
internal static class SummaryView
{
    public static void Print(SweepSummary summary, SweepRecord sweep, SweepCost cost)
    {
        foreach (var model in summary.Rows.GroupBy(row => row.Model))
        {
            AnsiConsole.MarkupLine($"\n[bold]{Markup.Escape(model.Key)}[/]");
            AnsiConsole.Write(Rows([.. model]));
            HeatMap.Print(model.Key, summary);
        }

        Warn(summary);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"\n{sweep.Id}: {sweep.State.ToString().ToLowerInvariant()}{(sweep.Reason is null ? "" : $" ({sweep.Reason})")}, {cost.Rows:N0} item rows, {cost.Tokens:N0} tokens, {cost.DeviceSeconds:0.0} device-seconds, {cost.Attempts} attempts"));
    }

    private static Table Rows(SummaryRow[] rows)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("benchmark", "bottleneck", "n sel/test", "baseline", "scalar", "steered", "effect (95 %)", "McNemar p", "ΔLL", "rank", "perplexity", "");
        foreach (var row in rows)
        {
            table.AddRow(
                Markup.Escape(row.Benchmark),
                Markup.Escape(row.Bottleneck),
                $"{row.SelectionItems}/{row.TestItems}",
                Score(row, row.Baseline),
                row.Scalar is { } scalar ? Number(scalar) : "-",
                Score(row, row.Steered),
                Effect(row),
                row.McNemarP is { } p ? (p < 0.001 ? "<0.001" : p.ToString("0.000", CultureInfo.InvariantCulture)) : "-",
                row.LogLikelihoodEffect is { } gain ? Signed(gain, "0.00") : "-",
                row.ControlRank is { } rank ? $"{rank} of {row.Controls + 1}" : "-",
                row.PerplexityChange is { } change ? Signed(100 * change, "0.0") + " %" : "-",
                Remarks(row));
        }

        return table;
    }

    private static string Effect(SummaryRow row)
    {
        var text = row.Metric == "log_likelihood"
            ? $"{Signed(row.Effect, "0.00")} ({Signed(row.EffectLow, "0.00")}..{Signed(row.EffectHigh, "0.00")})"
            : $"{Signed(100 * row.Effect, "0.0")} ({Signed(100 * row.EffectLow, "0.0")}..{Signed(100 * row.EffectHigh, "0.0")})";
        return row.EffectLow > 0 ? $"[green]{text}[/]" : row.EffectHigh < 0 ? $"[red]{text}[/]" : text;
    }

    private static string Remarks(SummaryRow row)
    {
        var remarks = new List<string>();
        if (row.TooFewItems)
            remarks.Add("too few items");
        if (row.Diverged > 0)
            remarks.Add($"{row.Diverged} diverged");
        if (row.Receipt is { Fired: false })
            remarks.Add("[red]DID NOT FIRE[/]");
        if (row.Receipt is { Fired: true, Inert: true } && row.Scalar is not 1)
            remarks.Add("inert");
        return string.Join(", ", remarks);
    }

    private static void Warn(SweepSummary summary)
    {
        var silent = summary.Cells.Count(cell => cell.Receipt is { Fired: false });
        if (silent > 0)
            AnsiConsole.MarkupLine($"[red]{silent} cells have a receipt that does not show the planned intervention; do not use them.[/]");
    }

    private static string Score(SummaryRow row, double value) =>
        row.Metric == "log_likelihood" ? value.ToString("0.00", CultureInfo.InvariantCulture) : (100 * value).ToString("0.0", CultureInfo.InvariantCulture);

    internal static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    internal static string Signed(double value, string format) => value.ToString($"+{format};-{format};{format}", CultureInfo.InvariantCulture);
}
