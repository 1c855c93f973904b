using System.CommandLine;
using Sweep.Cli.Running;
using Sweep.Persistence.Exports;

namespace Sweep.Cli.Commands;

/// <summary>Writes a sweep's results to a file or to standard output.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var sweep = CliOptions.Sweep();
        var latest = CliOptions.Latest();
        var store = CliOptions.Store();
        var format = new Option<string>("--format") { Description = "json (everything), csv or parquet (the item rows).", DefaultValueFactory = _ => "json", HelpName = "FORMAT" }
            .AcceptOnlyFromAmong("json", "csv", "parquet");
        var withRun = new Option<bool>("--with-run") { Description = "Add times, attempts and cost (json only)." };
        var output = new Option<string?>("--output", "-o") { Description = "The file to write; standard output otherwise.", HelpName = "FILE" };
        var command = new Command("export", "Write a sweep's results: the same plan gives the same bytes.") { sweep, latest, format, withRun, output, store };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var chosen = Enum.Parse<ExportFormat>(parsed.GetRequiredValue(format), ignoreCase: true);
            if (parsed.GetValue(withRun) && chosen != ExportFormat.Json)
                throw new UsageException($"--with-run: found --format {parsed.GetValue(format)}, expected json");
            using var sweeps = await StoredSweeps.OpenAsync(parsed.GetRequiredValue(store), cancellationToken);
            var record = await sweeps.FindAsync(parsed.GetValue(sweep), parsed.GetValue(latest), cancellationToken);
            if (await sweeps.Store.LoadResolutionAsync(record.Id, cancellationToken) is null)
                throw new UsageException($"{record.Id}: found no resolved plan (the sweep is {record.State}), expected a sweep that has begun to run");
            // Parquet's footer needs a stream that can seek, and a broken export must not replace a good one: the whole is made first.
            using var whole = new MemoryStream();
            await SweepExporter.ExportAsync(sweeps.Store, record.Id, chosen, parsed.GetValue(withRun), whole, cancellationToken);
            whole.Position = 0;
            await using var target = parsed.GetValue(output) is { } file ? File.Create(file) : Console.OpenStandardOutput();
            await whole.CopyToAsync(target, cancellationToken);
            return ExitCodes.Ok;
        });
        return command;
    }
}
