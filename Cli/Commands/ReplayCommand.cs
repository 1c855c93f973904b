using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Cli.Output;
using Sweep.Cli.Running;
using Sweep.Contracts.Execution;
using Sweep.Hosting;

namespace Sweep.Cli.Commands;

/// <summary>Runs one recorded job again and compares.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var job = new Argument<string>("JOB") { Description = "A job's id, or the beginning of it that no other has (show --json and export name them)." };
        var device = CliOptions.Device();
        var store = CliOptions.Store();
        var roots = CliOptions.Roots();
        var json = CliOptions.Json();
        var command = new Command("replay", "Run a recorded job again on all its items and compare every row; 1 where any differs.") { job, device, store, roots, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(store);
            if (!File.Exists(path))
                throw new UsageException($"{path}: found no such store, expected the one that holds the job (--store)");
            var options = new EmbeddedOptions
            {
                StorePath = path,
                Device = parsed.GetRequiredValue(device),
                Roots = [.. PlanFile.SearchFolders([.. parsed.GetValue(roots) ?? [], .. ShippedFiles.Root is { } root ? [Path.Combine(root, "plans")] : (string[])[]])],
            };
            await using var sweeps = await EmbeddedSweeps.StartAsync(options, cancellationToken);
            var found = await RecordedJob.FindAsync(sweeps.Store, parsed.GetRequiredValue(job), cancellationToken);
            await using var runner = sweeps.Services.GetRequiredService<IJobRunnerFactory>().Create($"{options.Device}:0");
            var outcome = await found.ReplayAsync(runner, cancellationToken);
            if (parsed.GetValue(json))
                JsonOutput.Write(outcome);
            else
                outcome.Print(Terminal.Output);
            return outcome.Different.Count == 0 && outcome.Items > 0 ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }
}
