using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Sweep.Contracts.Json;

namespace Sweep.Cli.Commands;

/// <summary>`sweep list`: the sweeps of a store.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var store = CommonOptions.Store();
        var json = CommonOptions.Json();
        var command = new Command("list", "List the sweeps of a store, newest first.") { store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var choice = parsed.GetValue(store)!;
            var sweeps = await (await choice.OpenAsync(cancellationToken)).ListSweepsAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(sweeps.Select(sweep => new { sweep.Id, sweep.State, sweep.Reason, sweep.SubmittedAt, sweep.FinishedAt, sweep.Plan.Owner }), SweepJson.Indented));
                return ExitCode.Done;
            }

            if (sweeps.Count == 0)
            {
                Console.WriteLine($"{choice.Place}: no sweep yet");
                return ExitCode.Done;
            }

            var table = new Table().Border(TableBorder.Simple).AddColumns("sweep", "state", "submitted", "finished", "owner", "reason");
            foreach (var sweep in sweeps)
                table.AddRow(Markup.Escape(sweep.Id), sweep.State.ToString().ToLowerInvariant(), Local(sweep.SubmittedAt), Local(sweep.FinishedAt), Markup.Escape(sweep.Plan.Owner), Markup.Escape(sweep.Reason ?? ""));
            AnsiConsole.Write(table);
            return ExitCode.Done;
        });
        return command;
    }

    private static string Local(DateTimeOffset? time) => time?.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";
}
