using System.CommandLine;
using System.Diagnostics;
using Sweep.Cli.Cluster;
using Sweep.Contracts.Grains;

namespace Sweep.Cli.Commands;

/// <summary>`sweep drain WORKER` and `sweep drain --silo SILO`: no new work there; what runs is recorded and given back. A drained worker works again when its silo is restarted.</summary>
internal static class DrainCommand
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public static Command Create()
    {
        var worker = new Argument<string?>("worker") { Description = "A worker as 'sweep workers' names it, or the beginning of its name.", Arity = ArgumentArity.ZeroOrOne };
        var silo = new Option<string?>("--silo") { Description = "All workers of this silo, by name or address." };
        var timeout = new Option<int>("--timeout") { Description = "Seconds to wait for the end of what runs.", DefaultValueFactory = _ => 120 };
        var command = new Command("drain", "Take no new work on a worker or a silo, and wait until what runs there is given back.") { worker, silo, timeout };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (name, siloName, seconds) = (parsed.GetValue(worker), parsed.GetValue(silo), parsed.GetValue(timeout));
            if (name is null == siloName is null)
                throw new WrongInputException("drain: expected a worker, or --silo with a silo ('sweep workers' shows both)");
            if (seconds < 0)
                throw new WrongInputException($"--timeout: found {seconds}, expected 0 or more");
            await using var cluster = await ClusterSession.ConnectAsync(cancellationToken);
            var silos = await cluster.DescribeSilosAsync(cancellationToken);
            var workers = name is not null ? [FindWorker(silos, name)] : FindSilo(silos, siloName!).Workers.Select(found => found.WorkerId).ToArray();
            return await DrainAsync(cluster, workers, TimeSpan.FromSeconds(seconds), cancellationToken);
        });
        return command;
    }

    private static async Task<int> DrainAsync(ClusterSession cluster, IReadOnlyList<string> workers, TimeSpan patience, CancellationToken cancellationToken)
    {
        foreach (var worker in workers)
            await cluster.Calls.CallAsync(grains => grains.GetGrain<IGpuWorkerGrain>(worker).DrainAsync(), cancellationToken);
        var clock = Stopwatch.StartNew();
        foreach (var worker in workers)
        {
            while (await RunsAsync(cluster, worker, cancellationToken) is { } batch)
            {
                if (clock.Elapsed >= patience)
                {
                    Console.Error.WriteLine($"sweep: {worker} takes no new work, but still runs {batch} after {patience.TotalSeconds} s");
                    return ExitCode.Failed;
                }

                await Task.Delay(Look, cancellationToken);
            }

            Console.WriteLine($"{worker} drained");
        }

        return ExitCode.Done;
    }

    private static async Task<string?> RunsAsync(ClusterSession cluster, string worker, CancellationToken cancellationToken) =>
        (await cluster.Calls.CallAsync(grains => grains.GetGrain<IGpuWorkerGrain>(worker).GetStatusAsync(), cancellationToken)).BatchId;

    private static string FindWorker(IReadOnlyList<SiloDescription> silos, string name)
    {
        var all = silos.SelectMany(silo => silo.Workers).Select(worker => worker.WorkerId).ToArray();
        var matching = all.Contains(name) ? [name] : all.Where(id => id.StartsWith(name, StringComparison.Ordinal)).ToArray();
        return matching.Length == 1
            ? matching[0]
            : throw new WrongInputException($"drain: '{name}' names {matching.Length} of {all.Length} workers, expected one ('sweep workers' shows them)");
    }

    private static SiloDescription FindSilo(IReadOnlyList<SiloDescription> silos, string name)
    {
        var matching = silos.Where(silo => silo.Name == name || silo.Address == name || silo.Address.StartsWith(name + "@", StringComparison.Ordinal)).ToArray();
        return matching.Length == 1
            ? matching[0]
            : throw new WrongInputException($"drain: '{name}' names {matching.Length} of {silos.Count} silos, expected one ('sweep workers' shows them)");
    }
}
