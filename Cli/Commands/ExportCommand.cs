using System.CommandLine;
using Sweep.Contracts.Store;
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
        var format = new Option<ExportFormat>("--format")
        {
            Description = "json (everything), csv or parquet (the item rows).",
            HelpName = "json|csv|parquet",
            DefaultValueFactory = _ => ExportFormat.Json,
            CustomParser = result => OptionValues.OneOf(result, ("json", ExportFormat.Json), ("csv", ExportFormat.Csv), ("parquet", ExportFormat.Parquet)),
        };
        var withRun = new Option<bool>("--with-run") { Description = "Add times, workers and cost; json only." };
        var output = new Option<string?>("--output", "-o") { Description = "Where to write; default: standard output.", HelpName = "file", CustomParser = OptionValues.FileName };
        var command = new Command("export", "Write a sweep's results; without --with-run the bytes depend on plan and files alone.") { sweep, latest, store, format, withRun, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (wanted, run, target) = (parsed.GetValue(format), parsed.GetValue(withRun), parsed.GetValue(output));
            if (run && wanted != ExportFormat.Json)
                throw new WrongInputException($"--with-run: found it with --format {wanted.ToString().ToLowerInvariant()}, which holds item rows alone, expected --format json");
            if (wanted == ExportFormat.Parquet && target is null && !Console.IsOutputRedirected)
                throw new WrongInputException("--format parquet: found a terminal to write to, expected --output FILE, a pipe or a file");
            RefuseTarget(target);
            var results = await parsed.GetValue(store)!.OpenAsync(cancellationToken);
            var found = await CommonOptions.FindSweepAsync(results, parsed.GetValue(sweep), parsed.GetValue(latest), cancellationToken);
            if (await results.LoadResolutionAsync(found.Id, cancellationToken) is null)
                throw new WrongInputException($"{found.Id}: found no results (it is {found.State.ToString().ToLowerInvariant()}), expected a sweep that has begun to run");
            if (found.State != SweepState.Completed)
                await Console.Error.WriteLineAsync($"sweep: {found.Id} is {found.State.ToString().ToLowerInvariant()}: this is what is recorded so far");
            else if (wanted == ExportFormat.Json && await results.LoadSummaryAsync(found.Id, cancellationToken) is null)
                await results.SaveSummaryAsync(found.Id, await ShowCommand.SummarizeAsync(results, found.Id, cancellationToken), cancellationToken);

            // A whole file or none: what is written first has another name. Standard output cannot seek, which Parquet needs.
            var part = target is null ? Path.GetTempFileName() : target + ".part";
            try
            {
                await using (var file = File.Create(part))
                    await SweepExporter.ExportAsync(results, found.Id, wanted, run, file, cancellationToken);
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

    private static void RefuseTarget(string? target)
    {
        if (target is null)
            return;
        if (Directory.Exists(target))
            throw new WrongInputException($"--output: found a folder at '{target}', expected a file's name");
        var folder = Path.GetDirectoryName(Path.GetFullPath(target))!;
        if (!Directory.Exists(folder))
            throw new WrongInputException($"--output: found no folder '{folder}', expected one that is there");
    }
}
