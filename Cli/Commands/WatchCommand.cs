using System.CommandLine;
using Sweep.Cli.Cluster;
using Sweep.Cli.Queue;
using Sweep.Cli.Watching;
using Sweep.Contracts.Messages;

namespace Sweep.Cli.Commands;

/// <summary>`sweep watch SWEEP`: live progress, from any machine that reaches the broker, a silo or the store.</summary>
internal static class WatchCommand
{
    public static Command Create()
    {
        var sweep = new Argument<string>("sweep") { Description = "A sweep's id; with --via store its beginning is enough." };
        var via = RouteOption.Create(Route.Queue, Route.Queue, Route.Cluster, Route.Store);
        var store = CommonOptions.Store();
        var timeout = new Option<int>("--timeout") { Description = "Seconds to wait for the first answer.", DefaultValueFactory = _ => 30 };
        var json = CommonOptions.Json();
        var command = new Command("watch", "Follow a sweep to its end. Exit code 0 when it completes.") { sweep, via, store, timeout, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var id = parsed.GetValue(sweep)!;
            var patience = TimeSpan.FromSeconds(SubmitCommand.Seconds(parsed.GetValue(timeout)));
            switch (parsed.GetValue(via))
            {
                case Route.Queue:
                    return await FollowAsync(new QueueSource(await QueueSession.ConnectAsync(listens: true, cancellationToken), patience), id, parsed.GetValue(json), cancellationToken);
                case Route.Cluster:
                    return await FollowAsync(new ClusterSource(await ClusterSession.ConnectAsync(cancellationToken)), id, parsed.GetValue(json), cancellationToken);
                default:
                    var results = await parsed.GetValue(store)!.OpenAsync(cancellationToken);
                    var found = await CommonOptions.FindSweepAsync(results, id, latest: false, cancellationToken);
                    return await FollowAsync(new StoreSource(results), found.Id, parsed.GetValue(json), cancellationToken);
            }
        });
        return command;
    }

    private static async Task<int> FollowAsync(ISweepSource source, string sweepId, bool json, CancellationToken cancellationToken)
    {
        await using var _ = source;
        var reporter = new StatusReporter(Console.Out, json);
        SweepStatusReply? last = null;
        await foreach (var status in source.WatchAsync(sweepId, cancellationToken))
        {
            if (!status.Found)
                throw new WrongInputException($"{sweepId}: {status.Reason}");
            reporter.Report(last = status);
        }

        return last?.State == "Completed" ? ExitCode.Done : ExitCode.Failed;
    }
}
