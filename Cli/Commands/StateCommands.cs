using System.CommandLine;
using Sweep.Cli.Cluster;
using Sweep.Cli.Queue;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;

namespace Sweep.Cli.Commands;

/// <summary>`sweep pause SWEEP` and `sweep resume SWEEP`.</summary>
internal static class StateCommands
{
    public static Command CreatePause() => Create(
        "pause", "Give no more work of a sweep out until it is resumed; what runs goes on to its end.", id => new PauseSweep { SweepId = id }, coordinator => coordinator.PauseAsync(), state => state == SweepState.Paused);

    public static Command CreateResume() => Create("resume", "Let a paused sweep go on.", id => new ResumeSweep { SweepId = id }, coordinator => coordinator.ResumeAsync(), state => state != SweepState.Paused && !state.IsFinal());

    /// <summary>Asks the cluster for the change, one way or the other.</summary>
    public static async Task<int> AskAsync<T>(
        Route via, string sweepId, string verb, int seconds, T message, Func<ISweepCoordinatorGrain, Task> call, Func<SweepState, bool> isReached, CancellationToken cancellationToken)
        where T : class
    {
        if (via == Route.Queue)
        {
            await using var queue = await QueueSession.ConnectAsync(listens: false, cancellationToken);
            if (!await queue.SendAsync(message, seconds, "nothing was changed", cancellationToken))
                return ExitCode.Failed;
            Console.WriteLine($"{sweepId}: {verb} asked for");
            return ExitCode.Done;
        }

        await using var cluster = await ClusterSession.ConnectAsync(cancellationToken);
        await cluster.Calls.CallAsync(grains => call(grains.GetGrain<ISweepCoordinatorGrain>(sweepId)), cancellationToken);
        var status = await cluster.Calls.CallAsync(grains => grains.GetGrain<ISweepCoordinatorGrain>(sweepId).GetStatusAsync(), cancellationToken);
        if (status.State == "Unknown")
            throw new WrongInputException($"{sweepId}: {status.Reason}");
        if (Enum.TryParse<SweepState>(status.State, out var state) && !isReached(state))
            throw new WrongInputException($"{sweepId}: found it {status.State}, which a {verb} does not change");
        Console.WriteLine($"{sweepId}: {status.State}{(status.Reason is null ? "" : $" ({status.Reason})")}");
        return ExitCode.Done;
    }

    private static Command Create<T>(string name, string description, Func<string, T> message, Func<ISweepCoordinatorGrain, Task> call, Func<SweepState, bool> isReached)
        where T : class
    {
        var sweep = new Argument<string>("sweep") { Description = "A sweep's whole id." };
        var via = RouteOption.Create(Route.Queue, Route.Queue, Route.Cluster);
        var timeout = new Option<int>("--timeout") { Description = "Seconds to try.", DefaultValueFactory = _ => 60 };
        var command = new Command(name, description) { sweep, via, timeout };
        command.SetAction((parsed, cancellationToken) => AskAsync(
            parsed.GetValue(via), parsed.GetValue(sweep)!, name, SubmitCommand.Seconds(parsed.GetValue(timeout)), message(parsed.GetValue(sweep)!), call, isReached, cancellationToken));
        return command;
    }
}
