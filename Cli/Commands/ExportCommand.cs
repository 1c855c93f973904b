using System.CommandLine;
using Sweep.Persistence.Exports;

namespace Sweep.Cli.Commands;

/// <summary>`sweep export SWEEP`: all results as a file.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var sweep = CommonOptions.Sweep();
        var latest = CommonOptions.Latest();
        var store = CommonOptions.Store();
        var format = new Option<ExportFormat>("--format") { Description = "csv, json or parquet.", DefaultValueFactory = _ => ExportFormat.Json };
        var withRun = new Option<bool>("--with-run") { Description = "Add times, workers and cost (json)." };
        var output = new Option<string?>("--output", "-o") { Description = "A file; default: standard output." };
        var command = new Command("export", "Write a sweep's results; without --with-run the bytes depend on plan and files alone.") { sweep, latest, store, format, withRun, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var results = await parsed.GetValue(store)!.OpenAsync(cancellationToken);
            var found = await CommonOptions.FindSweepAsync(results, parsed.GetValue(sweep), parsed.GetValue(latest), cancellationToken);
            if (await results.LoadResolutionAsync(found.Id, cancellationToken) is null)
                throw new WrongInputException($"{found.Id}: found no results ({found.State}), expected a sweep that has begun to run");

            // A whole file or none: what is written first has another name. Standard output cannot seek, which Parquet needs.
            var target = parsed.GetValue(output);
            var part = target is null ? Path.GetTempFileName() : target + ".part";
            try
            {
                await using (var file = File.Create(part))
                    await SweepExporter.ExportAsync(results, found.Id, parsed.GetValue(format), parsed.GetValue(withRun), file, cancellationToken);
                if (target is not null)
                {
                    File.Move(part, target, overwrite: true);
                    return ExitCode.Done;
                }

                await using var copy = File.OpenRead(part);
                await using var console = Console.OpenStandardOutput();
                await copy.CopyToAsync(console, cancellationToken);
                return ExitCode.Done;
            }
            finally
            {
                File.Delete(part);
            }
        });
        return command;
    }
}
