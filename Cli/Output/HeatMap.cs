using Spectre.Console;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Output;

/// <summary>Effects on the test split in points: bottleneck × scalar, a map a model.</summary>
internal static class HeatMap
{
    public static void Print(IAnsiConsole console, SweepSummary summary)
    {
        var shown = summary.Rows.Where(row => row.Metric != "log_likelihood").Select(row => (row.Model, row.Benchmark, row.Bottleneck)).ToHashSet();
        var cells = summary.Cells.Where(cell => cell.ControlIndex is null && cell.Scalar is not null && shown.Contains((cell.Model, cell.Benchmark, cell.Bottleneck)));
        foreach (var model in cells.GroupBy(cell => cell.Model))
        {
            var scalars = model.Select(cell => cell.Scalar!.Value).Distinct().Order().ToArray();
            var table = new Table { Title = new TableTitle($"[bold]{Markup.Escape(model.Key)}[/]: effect by scalar, points") }.SimpleBorder();
            table.AddColumn("benchmark");
            table.AddColumn("bottleneck");
            foreach (var scalar in scalars)
                table.AddColumn(new TableColumn($"x{Figures.Scalar(scalar)}").RightAligned());
            foreach (var line in model.GroupBy(cell => (cell.Benchmark, cell.Bottleneck)))
            {
                var byScalar = line.ToDictionary(cell => cell.Scalar!.Value, cell => cell.Splits.GetValueOrDefault("test"));
                table.AddRow([new Text(line.Key.Benchmark), new Text(line.Key.Bottleneck), .. scalars.Select(scalar => Field(byScalar.GetValueOrDefault(scalar)))]);
            }

            console.Write(table);
        }
    }

    private static Text Field(SplitScores? scores) =>
        scores is null || scores.N == 0 ? new Text("") : new Text(Figures.Signed(100 * scores.Effect, "0"), EffectStyle.Heat(scores.Effect));
}
