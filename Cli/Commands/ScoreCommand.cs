using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Sweep.Contracts.Json;
using Sweep.Evaluation.Benchmarks;
using Sweep.Evaluation.Scoring;

namespace Sweep.Cli.Commands;

/// <summary>`sweep score BENCHMARK`: official metrics of predictions that exist already.</summary>
internal static class ScoreCommand
{
    public static Command Create()
    {
        var benchmark = new Argument<string>("benchmark") { Description = $"One of {string.Join(", ", BenchmarkCatalog.Names)}." };
        var data = new Option<string>("--data") { Description = "The benchmark's file.", HelpName = "file", Required = true };
        var predictions = new Option<string>("--predictions") { Description = "{id: text}, or jsonl of {id or key, response}.", HelpName = "file", Required = true };
        var each = new Option<bool>("--each") { Description = "Print a line of JSON an item instead: its metrics and, for ifeval, a verdict an instruction." };
        var json = CommonOptions.Json();
        var command = new Command("score", "Score a file of predictions.") { benchmark, data, predictions, each, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(each) && parsed.GetValue(json))
                throw new WrongInputException("--each: found it with --json, which prints totals, expected one of them");
            if (!BenchmarkCatalog.Names.Contains(parsed.GetValue(benchmark)!))
                throw new WrongInputException($"benchmark: found '{parsed.GetValue(benchmark)}', expected one of {string.Join(", ", BenchmarkCatalog.Names)}");
            var scores = PredictionScorer.Score(BenchmarkCatalog.Find(parsed.GetValue(benchmark)!), parsed.GetValue(data)!, parsed.GetValue(predictions)!);
            if (scores.Missing == scores.Items)
                throw new WrongInputException($"{parsed.GetValue(predictions)}: found no prediction for any of {scores.Items} items, expected {{id: text}}, or jsonl of {{id or key, response}}");
            if (parsed.GetValue(each))
            {
                foreach (var item in scores.Each)
                    Console.WriteLine(JsonSerializer.Serialize(Flat(item)));
                return ExitCode.Done;
            }

            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(Flat(scores), SweepJson.Indented));
                return ExitCode.Done;
            }

            var table = new Table().Border(TableBorder.Simple).AddColumns("metric", "percent", "count");
            foreach (var (name, percent) in scores.Percent.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                table.AddRow(name, percent.ToString("0.00", CultureInfo.InvariantCulture), scores.Counts.TryGetValue(name, out var count) ? $"{count.Right} of {count.Of}" : "");
            AnsiConsole.Write(table);
            var leftOut = scores.Scored < scores.Items ? " and left out" : "";
            Console.WriteLine($"{scores.Items} items, {scores.Missing} without a prediction{leftOut}, {scores.Unknown.Count} predictions for unknown ids");
            return ExitCode.Done;
        });
        return command;
    }

    private static Dictionary<string, object> Flat(ScoredItem item)
    {
        var flat = new Dictionary<string, object> { ["id"] = item.Id, ["missing"] = item.Metrics is null };
        foreach (var (name, value) in (item.Metrics ?? new Dictionary<string, double>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            flat[name] = value;
        if (item.Verdicts is not null)
            (flat["strict"], flat["loose"]) = (item.Verdicts.Strict, item.Verdicts.Loose);
        return flat;
    }

    private static Dictionary<string, object> Flat(PredictionScores scores)
    {
        var flat = new Dictionary<string, object> { ["benchmark"] = scores.Benchmark, ["items"] = scores.Items, ["missing"] = scores.Missing, ["scored"] = scores.Scored, ["unknown"] = scores.Unknown };
        foreach (var (name, percent) in scores.Percent.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            flat[name] = percent;
        flat["counts"] = scores.Counts.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(pair => pair.Key, pair => new { pair.Value.Right, pair.Value.Of });
        return flat;
    }
}
