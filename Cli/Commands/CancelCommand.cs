using System.CommandLine;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Cli.Commands;

/// <summary>`sweep cancel SWEEP`: it will not be continued by itself. With --via queue or cluster it is one of a cluster, which stops it.</summary>
internal static class CancelCommand
{
    public static Command Create()
    {
        var sweep = CommonOptions.Sweep();
        var latest = CommonOptions.Latest();
        var store = CommonOptions.Store();
        var via = RouteOption.Create(Route.Store, Route.Store, Route.Queue, Route.Cluster);
        var timeout = new Option<int>("--timeout") { Description = "Seconds to try, by queue.", DefaultValueFactory = _ => 60 };
        var command = new Command("cancel", "Cancel a sweep; its results so far stay.") { sweep, latest, store, via, timeout };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(via) != Route.Store)
            {
                var id = parsed.GetValue(sweep) ?? throw new WrongInputException("sweep: found nothing, expected a sweep's whole id");
                return await StateCommands.AskAsync(
                    parsed.GetValue(via),
                    id,
                    "cancel",
                    SubmitCommand.Seconds(parsed.GetValue(timeout)),
                    new CancelSweep { SweepId = id },
                    coordinator => coordinator.CancelAsync(),
                    state => state == SweepState.Canceled,
                    cancellationToken);
            }

            var choice = parsed.GetValue(store)!;
            var results = await choice.OpenAsync(cancellationToken);
            using var owned = choice.Own();
            var found = await CommonOptions.FindSweepAsync(results, parsed.GetValue(sweep), parsed.GetValue(latest), cancellationToken);
            SweepState[] open = [SweepState.Submitted, SweepState.Resolving, SweepState.Expanding, SweepState.Running, SweepState.Paused];
            if (!await results.TrySetStateAsync(found.Id, open, SweepState.Canceled, "canceled by its user", cancellationToken))
                throw new WrongInputException($"{found.Id}: found it {found.State.ToString().ToLowerInvariant()}, expected a sweep that is not finished");
            // A stage belongs to it: left open, a silo would take it up by itself.
            foreach (var stage in SearchStages.Chain(found.Plan))
                await results.TrySetStateAsync(SweepIds.Of(stage), open, SweepState.Canceled, $"canceled with {found.Id}", cancellationToken);
            Console.WriteLine($"{found.Id} canceled");
            return ExitCode.Done;
        });
        return command;
    }
}
