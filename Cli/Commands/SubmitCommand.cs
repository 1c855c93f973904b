using System.CommandLine;
using Sweep.Cli.Cluster;
using Sweep.Cli.Queue;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Messages;

namespace Sweep.Cli.Commands;

/// <summary>`sweep submit PLAN`: a cluster runs the plan. The same plan, or the same key, submitted again is the same sweep.</summary>
internal static class SubmitCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("plan") { Description = "A plan, YAML or JSON; the workers look its names up in their Sweep:Files:Roots." };
        var via = RouteOption.Create(Route.Queue, Route.Queue, Route.Cluster);
        var timeout = new Option<int>("--timeout") { Description = "Seconds to try.", DefaultValueFactory = _ => 60 };
        var key = new Option<string?>("--key") { Description = "A unique name of your own for this submission: a second one under it is the first one's sweep." };
        var owner = new Option<string?>("--owner") { Description = "Whose device-seconds, instead of the plan's owner." };
        var command = new Command("submit", "Submit a plan to a cluster.") { file, via, timeout, key, owner };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var seconds = Seconds(parsed.GetValue(timeout));
            var (_, text) = CommonOptions.ReadPlan(parsed.GetValue(file)!, items: null);
            var submit = new SubmitSweep { PlanText = text, Key = parsed.GetValue(key), Owner = parsed.GetValue(owner) };

            // What a silo would reject is said here, where the sender is.
            var submitted = SubmissionReader.Read(submit);
            return parsed.GetValue(via) == Route.Queue
                ? await ByQueueAsync(submit, submitted.SweepId, seconds, cancellationToken)
                : await ByClusterAsync(submit, submitted.SweepId, seconds, cancellationToken);
        });
        return command;
    }

    internal static int Seconds(int timeout) => timeout is >= 1 and <= 86_400 ? timeout : throw new WrongInputException($"--timeout: found {timeout}, expected 1 to 86400 seconds");

    private static async Task<int> ByQueueAsync(SubmitSweep submit, string sweepId, int seconds, CancellationToken cancellationToken)
    {
        await using var queue = await QueueSession.ConnectAsync(listens: false, cancellationToken);
        if (!await queue.SendAsync(submit, seconds, "nothing was submitted", cancellationToken))
            return ExitCode.Failed;
        Console.WriteLine($"{sweepId} submitted");
        return ExitCode.Done;
    }

    private static async Task<int> ByClusterAsync(SubmitSweep submit, string sweepId, int seconds, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            await using var cluster = await ClusterSession.ConnectAsync(patience.Token);
            var submission = new PlanSubmission { PlanText = submit.PlanText!, Key = submit.Key, Owner = submit.Owner };
            var found = await cluster.Calls.CallAsync(grains => grains.GetGrain<ISweepCoordinatorGrain>(sweepId).SubmitAsync(submission), patience.Token);
            Console.WriteLine(found == sweepId ? $"{sweepId} submitted" : $"{found} was submitted under this key before");
            return ExitCode.Done;
        }
        catch (Exception exception) when (exception is GrainCallFailedException or TimeoutException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var why = exception is OperationCanceledException ? $"no silo answered within {seconds} s" : exception.Message;
            await Console.Error.WriteLineAsync($"sweep: {why}: nothing was submitted");
            return ExitCode.Failed;
        }
    }
}
