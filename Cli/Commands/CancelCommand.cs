using System.CommandLine;
using Sweep.Contracts.Store;

namespace Sweep.Cli.Commands;

/// <summary>`sweep cancel SWEEP`: it will not be continued by itself. A sweep that another process runs is stopped there.</summary>
internal static class CancelCommand
{
    public static Command Create()
    {
        var sweep = CommonOptions.Sweep();
        var latest = CommonOptions.Latest();
        var store = CommonOptions.Store();
        var command = new Command("cancel", "Cancel a sweep; its results so far stay.") { sweep, latest, store };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var choice = parsed.GetValue(store)!;
            var results = await choice.OpenAsync(cancellationToken);
            using var owned = choice.Own();
            var found = await CommonOptions.FindSweepAsync(results, parsed.GetValue(sweep), parsed.GetValue(latest), cancellationToken);
            SweepState[] open = [SweepState.Submitted, SweepState.Resolving, SweepState.Expanding, SweepState.Running, SweepState.Paused];
            if (!await results.TrySetStateAsync(found.Id, open, SweepState.Canceled, "canceled by its user", cancellationToken))
                throw new WrongInputException($"{found.Id}: found it {found.State}, expected a sweep that is not finished");
            Console.WriteLine($"{found.Id} canceled");
            return ExitCode.Done;
        });
        return command;
    }
}
