using System.CommandLine;
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
            var sweeps = await (await parsed.GetValue(store)!.OpenAsync(cancellationToken)).ListSweepsAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(sweeps.Select(sweep => new { sweep.Id, sweep.State, sweep.Reason, sweep.SubmittedAt, sweep.FinishedAt, sweep.Plan.Owner }), SweepJson.Indented));
                return ExitCode.Done;
            }

            var table = new Table().Border(TableBorder.Simple).AddColumns("sweep", "state", "submitted", "owner", "reason");
            foreach (var sweep in sweeps)
                table.AddRow(Markup.Escape(sweep.Id), sweep.State.ToString(), sweep.SubmittedAt.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", null), Markup.Escape(sweep.Plan.Owner), Markup.Escape(sweep.Reason ?? ""));
            AnsiConsole.Write(table);
            return ExitCode.Done;
        });
        return command;
    }
}
