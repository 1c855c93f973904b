using System.Globalization;
using Spectre.Console;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Persistence.Reports;

namespace Sweep.Cli.Output;

/// <summary>The answer of a sweep for a terminal: per model its table and its heat maps, then what it took.</summary>
internal static class SummaryView
{
    public static void Print(IAnsiConsole console, SweepSummary summary, SweepRecord sweep, SweepCost cost)
    {
        foreach (var model in summary.Cells.Select(cell => cell.Model).Distinct())
        {
            SummaryTable.Print(console, model, [.. summary.Rows.Where(row => row.Model == model)], [.. summary.Overall.Where(overall => overall.Model == model)]);
            HeatMap.Print(console, model, summary);
        }

        if (PackingNote.Of(summary) is { } note)
            console.MarkupLine($"\n[dim]{note}[/]");
        var silent = summary.Cells.Count(cell => cell.Receipt is { Fired: false });
        if (silent > 0)
            console.MarkupLine($"\n[red]{silent} cells have a receipt that does not show the planned intervention; do not use them.[/]");
        console.WriteLine();
        console.WriteLine($"{sweep.Id}: {sweep.State.ToString().ToLowerInvariant()}{(sweep.Reason is null ? "" : $" ({sweep.Reason})")}");
        if (summary.Search is { } search)
        {
            // What is saved is told of the whole search.
            if (!SearchStages.IsStage(sweep.Plan))
                console.WriteLine($"{SearchNote.Of(search)}; chosen in {search.Stage}");
            foreach (var (number, round) in (search.Rounds ?? []).Index())
                console.WriteLine($"  round {number + 1}: {SearchNote.Of(round)}");
        }

        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cost.Rows:N0} item rows, {cost.Tokens:N0} tokens, {cost.DeviceSeconds:0.0} device-seconds, {cost.Attempts} attempts"));
    }
}
