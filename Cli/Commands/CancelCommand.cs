using System.CommandLine;
using Sweep.Cli.Output;
using Sweep.Cli.Running;
using Sweep.Contracts.Store;
using Sweep.Persistence;

namespace Sweep.Cli.Commands;

/// <summary>Ends a sweep that is not running; a running one is stopped in its own process.</summary>
internal static class CancelCommand
{
    public static Command Create()
    {
        var sweep = CliOptions.Sweep();
        var latest = CliOptions.Latest();
        var store = CliOptions.Store();
        var json = CliOptions.Json();
        var command = new Command("cancel", "Cancel a sweep that stopped before its end; what it has measured stays, and 'run' takes it up again. A running one is stopped by Ctrl-C.")
        {
            sweep, latest, store, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(store);
            using var sweeps = await StoredSweeps.OpenAsync(path, cancellationToken);
            using var held = StoreLock.Take(path);
            var record = await sweeps.FindAsync(parsed.GetValue(sweep), parsed.GetValue(latest), cancellationToken);
            SweepState[] open = [SweepState.Submitted, SweepState.Resolving, SweepState.Expanding, SweepState.Running, SweepState.Paused];
            if (!await sweeps.Store.TrySetStateAsync(record.Id, open, SweepState.Canceled, "canceled by request", cancellationToken))
                throw new UsageException($"{record.Id}: found it {record.State}, expected a sweep that is not at its end");
            if (parsed.GetValue(json))
                JsonOutput.Write(new { record.Id, State = nameof(SweepState.Canceled) });
            else
                Console.Out.WriteLine($"{record.Id} is canceled");
            return ExitCodes.Ok;
        });
        return command;
    }
}
