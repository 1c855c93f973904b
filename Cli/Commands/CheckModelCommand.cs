using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Models.Checkpoints;

namespace Sweep.Cli.Commands;

/// <summary>`sweep check-model DIR`: the model against what a reference implementation computed with it.</summary>
internal static class CheckModelCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("model") { Description = "A model folder with golden.safetensors and golden.json, or reference.json, beside the weights." };
        var json = CommonOptions.Json();
        var command = new Command("check-model", "Compare a model with recorded outputs of a reference implementation.") { folder, json };
        command.SetAction(parsed =>
        {
            var report = ModelCheck.Run(parsed.GetValue(folder)!);
            if (report.Entries.Count == 0)
                throw new WrongInputException($"{parsed.GetValue(folder)}: found nothing to compare with, expected golden.safetensors and golden.json, or reference.json, beside the model");
            var (entries, passed) = (report.Entries, report.Passed);
            foreach (var note in report.Notes)
                Console.Error.WriteLine($"{parsed.GetValue(folder)}: {note}");
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(report, SweepJson.Indented));
            }
            else
            {
                foreach (var entry in entries)
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(entry.Passed ? "ok  " : "FAIL")} {entry.Name,-28} {(entry.Difference is { } difference ? difference.ToString("0.0e+00", CultureInfo.InvariantCulture) : "none"),7} {entry.Measure} (limit {entry.Tolerance:0.0e+00}) {entry.Detail}").TrimEnd());
                Console.WriteLine(passed ? $"{entries.Count} entries agree" : $"{entries.Count(entry => !entry.Passed)} of {entries.Count} entries differ");
            }

            return passed ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }
}
