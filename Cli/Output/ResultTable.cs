using Spectre.Console;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Output;

/// <summary>One line a (model, benchmark, bottleneck), a table a model.</summary>
internal static class ResultTable
{
    public static void Print(IAnsiConsole console, SweepSummary summary)
    {
        foreach (var model in summary.Rows.GroupBy(row => row.Model))
        {
            var table = new Table { Title = new TableTitle($"[bold]{Markup.Escape(model.Key)}[/]") }.SimpleBorder();
            table.AddColumn("benchmark");
            table.AddColumn("bottleneck");
            foreach (var title in (string[])["n sel/test", "baseline", "scalar", "steered", "effect", "95 % interval", "p", "rank", "log-lik.", "perplexity"])
                table.AddColumn(new TableColumn(title).RightAligned());
            table.AddColumn("notes");
            foreach (var row in model)
            {
                table.AddRow(
                    new Text(row.Benchmark),
                    new Text(row.Bottleneck),
                    new Text($"{row.SelectionItems}/{row.TestItems}"),
                    new Text(Figures.Score(row, row.Baseline)),
                    new Text(row.Scalar is { } scalar ? Figures.Scalar(scalar) : "-"),
                    new Text(Figures.Score(row, row.Steered)),
                    new Text(Figures.Effect(row, row.Effect), EffectStyle.Of(row.Effect, IsSignificant(row))),
                    new Text($"[{Figures.Effect(row, row.EffectLow)}, {Figures.Effect(row, row.EffectHigh)}]"),
                    new Text(row.McNemarP is { } p ? Figures.P(p) : "-"),
                    new Text(row.ControlRank is { } rank ? $"{rank}/{row.Controls + 1}" : "-"),
                    new Text(row.LogLikelihoodEffect is { } nats ? Figures.Signed(nats, "0.00") : "-"),
                    new Text(row.PerplexityChange is { } change ? Figures.Signed(100 * change, "0.0") + " %" : "-"),
                    Notes(row));
            }

            console.Write(table);
        }

        console.WriteLine("Scores and effects in points, on the test split, at the scalar that the selection split chose; p: exact McNemar;");
        console.WriteLine("rank: among the bottleneck's random controls, 1 is best; log-lik.: change of the gold's log-likelihood, nats an item.");
    }

    private static bool IsSignificant(SummaryRow row) => row.EffectLow > 0 || row.EffectHigh < 0;

    private static Text Notes(SummaryRow row)
    {
        var notes = new List<string>();
        if (row.Receipt is { Fired: false } && row.Scalar is not 1)
            notes.Add("DID NOT FIRE");
        if (row.Receipt is { Inert: true } && row.Scalar is not 1)
            notes.Add("inert");
        if (row.TooFewItems)
            notes.Add("too few items");
        if (row.Diverged > 0)
            notes.Add($"{row.Diverged} diverged");
        return new Text(string.Join(", ", notes), row.Receipt is { Fired: false } ? new Style(Color.White, Color.Red) : Style.Plain);
    }
}
