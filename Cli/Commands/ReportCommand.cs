using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Store;
using Sweep.Hosting;
using Sweep.Persistence.Reports;

namespace Sweep.Cli.Commands;

/// <summary>`sweep report SWEEP`: what a researcher sends to a colleague.</summary>
internal static class ReportCommand
{
    private static readonly ReportFormat[] Formats = [ReportFormat.Html, ReportFormat.Markdown, ReportFormat.Latex];

    public static Command Create()
    {
        var sweep = CommonOptions.Sweep();
        var latest = CommonOptions.Latest();
        var store = CommonOptions.Store();
        var format = new Option<ReportFormat?>("--format")
        {
            Description = "html (one page that needs nothing else), md or tex (a table); default: by the file's name, or all three.",
            HelpName = "html|md|tex",
            CustomParser = result => OptionValues.OneOf(result, ("html", (ReportFormat?)ReportFormat.Html), ("md", ReportFormat.Markdown), ("tex", ReportFormat.Latex)),
        };
        var output = new Option<string?>("--out", "-o") { Description = "A folder, made where it is missing, or a file; default: the current folder. In a folder files have the sweep's id.", HelpName = "folder|file", CustomParser = OptionValues.FileName };
        var command = new Command("report", "Write a sweep's report: the answer, what it rests on, and how to reproduce it.") { sweep, latest, store, format, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var results = await parsed.GetValue(store)!.OpenAsync(cancellationToken);
            var found = await CommonOptions.FindSweepAsync(results, parsed.GetValue(sweep), parsed.GetValue(latest), cancellationToken);
            var report = await ReadAsync(results, found, cancellationToken);
            foreach (var (wanted, path) in Targets(parsed.GetValue(output), parsed.GetValue(format), found.Id))
            {
                // A whole file or none: what is written first has another name.
                var part = path + ".part";
                try
                {
                    await File.WriteAllBytesAsync(part, ReportWriter.Write(report, wanted), cancellationToken);
                    File.Move(part, path, overwrite: true);
                }
                finally
                {
                    File.Delete(part);
                }

                Console.WriteLine(path);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<SweepReport> ReadAsync(ISweepStore store, SweepRecord sweep, CancellationToken cancellationToken)
    {
        var resolved = await store.LoadResolutionAsync(sweep.Id, cancellationToken)
            ?? throw new WrongInputException($"{sweep.Id}: found no results (it is {sweep.State.ToString().ToLowerInvariant()}{(sweep.Reason is null ? "" : $": {sweep.Reason}")}), expected a sweep that has begun to run");
        var summary = await store.LoadSummaryAsync(sweep.Id, cancellationToken);
        if (summary is null)
        {
            await using var services = EmbeddedSweep.CreateServices(store, new EmbeddedOptions());
            summary = await services.GetRequiredService<ISweepSummarizer>().SummarizeAsync(sweep.Id, cancellationToken);
        }

        return await ReportReader.ReadAsync(store, sweep, resolved, summary, cancellationToken);
    }

    private static IEnumerable<(ReportFormat Format, string Path)> Targets(string? output, ReportFormat? format, string sweepId)
    {
        ReportFormat? named = output is null || Directory.Exists(output) ? null : Formats.Select(one => (ReportFormat?)one).FirstOrDefault(one => output.EndsWith($".{ReportWriter.ExtensionOf(one!.Value)}", StringComparison.OrdinalIgnoreCase));
        if (named is { } byName)
        {
            if (format is { } wanted && wanted != byName)
                throw new WrongInputException($"--out: found '{output}' with --format {ReportWriter.ExtensionOf(wanted)}, expected a name that ends with .{ReportWriter.ExtensionOf(wanted)}, or a folder");
            var parent = Path.GetDirectoryName(Path.GetFullPath(output!))!;
            return Directory.Exists(parent) ? [(byName, output!)] : throw new WrongInputException($"--out: found no folder '{parent}', expected one that is there");
        }

        var folder = output ?? ".";
        if (File.Exists(folder))
            throw new WrongInputException($"--out: found a file at '{folder}', expected a folder, or a file's name that ends with .html, .md or .tex");
        Directory.CreateDirectory(folder);
        return (format is { } one ? [one] : Formats).Select(wanted => (wanted, Path.Combine(folder, $"{sweepId}.{ReportWriter.ExtensionOf(wanted)}")));
    }
}
