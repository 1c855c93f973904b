using System.CommandLine;
using Sweep.Dashboard.Live;
using Sweep.Hosting;

namespace Sweep.Cli.Commands;

/// <summary>`sweep up`: the embedded system with its dashboard, for as long as one likes.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var (workers, device, store, verbose) = (CommonOptions.Workers(), CommonOptions.WorkerDevices(), CommonOptions.Store(), CommonOptions.Verbose());
        var dashboard = new DashboardSettings(isOptional: false);
        var command = new Command("up", "Run the whole system here with its dashboard, which takes plans, until Ctrl-C; unfinished sweeps of the store go on.") { workers, device, store, verbose };
        foreach (var option in dashboard.All)
            command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            DeviceName.RequireFor(parsed.GetValue(device)!, parsed.GetValue(workers));
            var options = new EmbeddedOptions
            {
                StorePath = parsed.GetValue(store)!.FilePath("up"),
                Workers = parsed.GetValue(workers),
                Device = parsed.GetValue(device)!,
                // Relative names of plans that are pasted: as from here, as in the plans that ship, and as in their templates.
                Roots = [Directory.GetCurrentDirectory(), .. ShippedPlans.Folder is { } plans ? (string[])[plans, Path.GetDirectoryName(plans)!] : []],
                TakeUpUnfinished = true,
                Verbose = parsed.GetValue(verbose),
            };
            await using var embedded = await EmbeddedSweep.StartAsync(options, cancellationToken);
            await using var running = await dashboard.StartAsync(parsed, embedded, LiveScope.Everything);
            await running!.StayAsync(cancellationToken);
            await Console.Error.WriteLineAsync("sweep: stopping after the running micro-batch ...");
            return ExitCode.Done;
        });
        return command;
    }
}
