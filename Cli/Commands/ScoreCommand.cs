using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Sweep.Cli.Output;
using Sweep.Evaluation.Benchmarks;
using Sweep.Evaluation.Scoring;

namespace Sweep.Cli.Commands;

/// <summary>Scores predictions that exist already.</summary>
internal static class ScoreCommand
{
    public static Command Create()
    {
        var names = BenchmarkCatalog.Names.Where(name => !BenchmarkCatalog.Find(name).IsText).ToArray();
        var benchmark = new Argument<string>("BENCHMARK") { Description = string.Join(", ", names) + "." }.AcceptOnlyFromAmong(names);
        var data = new Option<string>("--data") { Description = "The benchmark's file.", Required = true, HelpName = "FILE" };
        var predictions = new Option<string>("--predictions") { Description = "{id: text} as SQuAD has it, or jsonl of {id or key, response}.", Required = true, HelpName = "FILE" };
        var json = CliOptions.Json();
        var command = new Command("score", "Score a file of predictions with a benchmark's official metrics, in percent.") { benchmark, data, predictions, json };
        command.SetAction(parsed =>
        {
            var scores = PredictionScorer.Score(BenchmarkCatalog.Find(parsed.GetRequiredValue(benchmark)), Existing(parsed.GetRequiredValue(data)), Existing(parsed.GetRequiredValue(predictions)));
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(scores);
                return ExitCodes.Ok;
            }

            var table = new Table().AddColumns("metric", "percent", "count");
            foreach (var (name, percent) in scores.Percent.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                var count = scores.Counts.TryGetValue(name, out var counted) ? $"{counted.Right} of {counted.Of}" : "";
                table.AddRow(new Text(name), new Text(percent.ToString("0.0000", CultureInfo.InvariantCulture)), new Text(count));
            }

            Terminal.Output.Write(table);
            Console.Out.WriteLine($"{scores.Items} items, {scores.Missing} without a prediction, {scores.Unknown.Count} predictions of other items");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static string Existing(string path) => File.Exists(path) ? path : throw new UsageException($"{path}: found no such file");
}
