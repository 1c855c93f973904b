using System.Globalization;
using Spectre.Console;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Output;

/// <summary>Effects on the test split, bottleneck × scalar, one map a benchmark; the sign and figure stand in each cell, so it reads without colour.</summary>
internal static class HeatMap
{
    public static void Print(string model, SweepSummary summary)
    {
        var cells = summary.Cells.Where(cell => cell.Model == model && cell.ControlIndex is null && cell.Scalar is not null && cell.Bottleneck != "baseline").ToArray();
        foreach (var benchmark in cells.GroupBy(cell => cell.Benchmark))
        {
            var scalars = benchmark.Select(cell => cell.Scalar!.Value).Distinct().Order().ToArray();
            var table = new Table().Border(TableBorder.None).AddColumn($"[dim]{Markup.Escape(benchmark.Key)}, test effect[/]");
            foreach (var scalar in scalars)
                table.AddColumn(new TableColumn($"[dim]×{SummaryView.Number(scalar)}[/]").RightAligned());
            foreach (var bottleneck in benchmark.GroupBy(cell => cell.Bottleneck))
            {
                var byScalar = bottleneck.ToDictionary(cell => cell.Scalar!.Value);
                table.AddRow([Markup.Escape(bottleneck.Key), .. scalars.Select(scalar => byScalar.TryGetValue(scalar, out var cell) ? Shade(cell) : "")]);
            }

            AnsiConsole.Write(table);
        }
    }

    private static string Shade(SummaryCell cell)
    {
        if (!cell.Splits.TryGetValue("test", out var test))
            return "";
        var text = test.Perplexity is { } perplexity
            ? perplexity.ToString("0.00", CultureInfo.InvariantCulture)
            : SummaryView.Signed(100 * test.Effect, "0.0");
        if (test.Perplexity is not null)
            return text;

        // Blue for gain, orange for harm: told apart by every common kind of colour vision.
        return test.Effect switch
        {
            > 0.3 => $"[black on deepskyblue1]{text}[/]",
            > 0.05 => $"[deepskyblue1]{text}[/]",
            < -0.3 => $"[black on orange1]{text}[/]",
            < -0.05 => $"[orange1]{text}[/]",
            _ => text,
        };
    }
}
