using System.CommandLine;
using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Persistence.Retention;

namespace Sweep.Cli.Commands;

/// <summary>`sweep rm SWEEP`: removes a sweep; jobs that other sweeps have stay with all their results.</summary>
internal static class RemoveCommand
{
    public static Command Create()
    {
        var sweep = CommonOptions.Sweep();
        var latest = CommonOptions.Latest();
        var store = CommonOptions.Store();
        var json = CommonOptions.Json();
        var command = new Command("rm", "Remove a sweep that is at its end, and its results that no other sweep shares.") { sweep, latest, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var choice = parsed.GetValue(store)!;
            var results = await choice.OpenAsync(cancellationToken);
            using var owned = choice.Own();
            var found = await CommonOptions.FindSweepAsync(results, parsed.GetValue(sweep), parsed.GetValue(latest), cancellationToken);
            var report = await SweepRetention.RemoveAsync(results, found.Id, cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(report, SweepJson.Indented));
            else
                Console.WriteLine($"{found.Id} removed: {report.Jobs} jobs, {report.Rows} rows that no other sweep has");
            return ExitCode.Done;
        });
        return command;
    }
}
