using System.CommandLine;
using Sweep.Cli.Output;
using Sweep.Cli.Running;

namespace Sweep.Cli.Commands;

/// <summary>Prints a sweep's table again.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        var sweep = CliOptions.Sweep();
        var latest = CliOptions.Latest();
        var store = CliOptions.Store();
        var json = CliOptions.Json();
        var command = new Command("show", "Print the table and the heat map of a sweep that has ended.") { sweep, latest, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var sweeps = await StoredSweeps.OpenAsync(parsed.GetRequiredValue(store), cancellationToken);
            var record = await sweeps.FindAsync(parsed.GetValue(sweep), parsed.GetValue(latest), cancellationToken);
            var summary = await sweeps.Store.LoadSummaryAsync(record.Id, cancellationToken)
                ?? throw new UsageException($"{record.Id}: found no summary (the sweep is {record.State}{(record.Reason is { } reason ? $": {reason}" : "")}), expected a sweep that has ended");
            await SummaryPrinter.PrintAsync(sweeps.Store, summary, parsed.GetValue(json));
            return ExitCodes.Ok;
        });
        return command;
    }
}
