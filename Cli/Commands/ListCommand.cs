using System.CommandLine;
using Spectre.Console;
using Sweep.Cli.Output;
using Sweep.Cli.Running;

namespace Sweep.Cli.Commands;

/// <summary>Lists the sweeps of a store.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var store = CliOptions.Store();
        var json = CliOptions.Json();
        var command = new Command("list", "List the sweeps of a store, newest first.") { store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var sweeps = await StoredSweeps.OpenAsync(parsed.GetRequiredValue(store), cancellationToken);
            var records = await sweeps.Store.ListSweepsAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(records.Select(record => new { record.Id, State = record.State.ToString(), record.Reason, record.SubmittedAt, record.FinishedAt }));
                return ExitCodes.Ok;
            }

            var table = new Table().AddColumns("sweep", "state", "submitted", "reason");
            foreach (var record in records)
                table.AddRow(new Text(record.Id), new Text(record.State.ToString()), new Text($"{record.SubmittedAt:yyyy-MM-dd HH:mm:ss}Z"), new Text(record.Reason ?? ""));
            Terminal.Output.Write(table);
            return ExitCodes.Ok;
        });
        return command;
    }
}
