using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Sweep.Cli.Output;
using Sweep.Contracts.Json;

namespace Sweep.Cli.Chaos;

/// <summary>A game day for eyes and for programs.</summary>
internal static class GameDayView
{
    public static string Json(GameDaySettings settings, GameDayResult result) => JsonSerializer.Serialize(
        new
        {
            result.Audit.Sweep,
            result.State,
            Passed = !result.Failures(settings.Kills).Any(),
            Failures = result.Failures(settings.Kills),
            result.Seconds,
            settings.Silos,
            KillsWanted = settings.Kills,
            KillsCounted = result.Counted,
            result.Kills,
            result.EndedByThemselves,
            result.ExportEqual,
            result.ExportBytes,
            Audit = AuditView.Document(result.Audit, result.Sample),
        },
        SweepJson.Indented);

    public static void Print(GameDaySettings settings, GameDayResult result)
    {
        AuditView.Print(result.Audit, result.Sample);
        var table = new Table().Border(TableBorder.Simple).AddColumns("killed", "after s", "held", "leased again after s");
        foreach (var kill in result.Kills)
        {
            table.AddRow(
                Markup.Escape(kill.Victim),
                Text($"{kill.AtSeconds:0.0}"),
                Markup.Escape(kill.Counts ? string.Join(", ", kill.Batches) : "nothing: does not count"),
                Text($"{kill.SecondsToRelease:0.0}"));
        }

        AnsiConsole.Write(table);
        if (result.EndedByThemselves.Count > 0)
            Console.WriteLine($"ended by themselves and replaced: {string.Join(", ", result.EndedByThemselves)}");
        Console.WriteLine(Text($"{result.Counted} of {settings.Kills} kills, {result.Seconds:0} s, export of {result.ExportBytes:N0} bytes {(result.ExportEqual ? "equals" : "DIFFERS from")} the embedded run's"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
