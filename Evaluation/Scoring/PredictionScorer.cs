using System.Text.Json;
using Sweep.Evaluation.Benchmarks;

namespace Sweep.Evaluation.Scoring;

/// <summary>The score of a predictions file: each metric in percent, and the counts behind it.</summary>
public sealed record PredictionScores
{
    public required string Benchmark { get; init; }

    public required int Items { get; init; }

    /// <summary>Items without a prediction.</summary>
    public required int Missing { get; init; }

    /// <summary>Items that the figures are over: all, a missing prediction counting 0, or those with a prediction, as the official scorer has it.</summary>
    public required int Scored { get; init; }

    /// <summary>Predictions for ids that the data file lacks.</summary>
    public required IReadOnlyList<string> Unknown { get; init; }

    /// <summary>Each item of the file.</summary>
    public required IReadOnlyList<ScoredItem> Each { get; init; }

    /// <summary>In percent, by name.</summary>
    public required IReadOnlyDictionary<string, double> Percent { get; init; }

    /// <summary>Of metrics that count things: how many, of how many.</summary>
    public required IReadOnlyDictionary<string, ScoreCount> Counts { get; init; }
}

/// <summary>So many of so many.</summary>
public sealed record ScoreCount(int Right, int Of);

/// <summary>One item's score.</summary>
/// <param name="Metrics">In 0..1 by published name; null: there is no prediction.</param>
/// <param name="Verdicts">Of a benchmark of instructions.</param>
public sealed record ScoredItem(string Id, IReadOnlyDictionary<string, double>? Metrics, InstructionVerdicts? Verdicts);

/// <summary>
/// Scores predictions that exist already: {id: text} as SQuAD, TriviaQA and DROP have it (DROP also lists of spans), or jsonl of {id or key, response or predicted_answer},
/// the last as MuSiQue has it.
/// </summary>
public static class PredictionScorer
{
    private static readonly Dictionary<string, string> Published = new(StringComparer.Ordinal) { ["em"] = "exact_match" };

    /// <exception cref="InvalidDataFileException">Either file cannot be used.</exception>
    public static PredictionScores Score(Benchmark benchmark, string dataPath, string predictionsPath)
    {
        if (benchmark.IsText || benchmark.ScoresLikelihoods)
            throw new InvalidDataFileException(dataPath, "benchmark", $"{benchmark.Name}, which is scored without responses", "a benchmark with responses");
        var items = benchmark.Read(dataPath);
        var predictions = Read(benchmark, predictionsPath);
        if (predictions.Count > 0 && !items.Any(item => predictions.ContainsKey(IdOf(item))))
            throw new InvalidDataFileException(predictionsPath, "ids", $"'{predictions.Keys.First()}' and others, none of {dataPath}", "predictions for its items");
        var totals = benchmark.MetricNames.ToDictionary(name => name, _ => 0.0, StringComparer.Ordinal);
        var binary = benchmark.MetricNames.ToDictionary(name => name, _ => true, StringComparer.Ordinal);
        var missing = 0;
        var each = new List<ScoredItem>(items.Count);
        var instructions = (Strict: 0, Loose: 0, All: 0);
        foreach (var item in items)
        {
            if (!predictions.TryGetValue(IdOf(item), out var prediction))
            {
                missing++;
                each.Add(new ScoredItem(IdOf(item), null, null));
                continue;
            }

            var score = prediction is [var response] ? benchmark.Score(item, response) : benchmark.Score(item, prediction);
            foreach (var (name, value) in score.Metrics)
            {
                totals[name] += value;
                binary[name] &= value is 0 or 1;
            }

            each.Add(new ScoredItem(IdOf(item), score.Metrics.ToDictionary(pair => NameOf(pair.Key), pair => pair.Value, StringComparer.Ordinal), score.Verdicts));
            if (score.Verdicts is { } verdicts)
            {
                instructions.All += verdicts.Strict.Count;
                instructions.Strict += verdicts.Strict.Count(kept => kept);
                instructions.Loose += verdicts.Loose.Count(kept => kept);
            }
        }

        var scored = benchmark.MissingCounts ? items.Count : items.Count - missing;
        var percent = totals.ToDictionary(pair => NameOf(pair.Key), pair => 100 * pair.Value / Math.Max(1, scored), StringComparer.Ordinal);
        var counts = totals.Where(pair => binary[pair.Key]).ToDictionary(pair => NameOf(pair.Key), pair => new ScoreCount((int)Math.Round(pair.Value), scored), StringComparer.Ordinal);
        if (instructions.All > 0)
        {
            // The official instruction level counts instructions, not prompts.
            (counts["instruction_strict"], counts["instruction_loose"]) = (new ScoreCount(instructions.Strict, instructions.All), new ScoreCount(instructions.Loose, instructions.All));
            percent["instruction_strict"] = 100.0 * instructions.Strict / instructions.All;
            percent["instruction_loose"] = 100.0 * instructions.Loose / instructions.All;
        }

        var known = items.Select(IdOf).ToHashSet(StringComparer.Ordinal);
        return new PredictionScores
        {
            Benchmark = benchmark.Name,
            Items = items.Count,
            Missing = missing,
            Scored = scored,
            Unknown = [.. predictions.Keys.Where(id => !known.Contains(id)).Order(StringComparer.Ordinal)],
            Each = each,
            Percent = percent,
            Counts = counts,
        };
    }

    /// <summary>The published id; in formats without one, the item's own.</summary>
    private static string IdOf(EvaluationItem item) => item.PublishedId ?? item.Id;

    private static string NameOf(string metric) => Published.GetValueOrDefault(metric, metric);

    private static Dictionary<string, string[]> Read(Benchmark benchmark, string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataFileException(path, "file", "none", "predictions: {id: text}, or jsonl of {id or key, response}");
        var file = new DataFile(path, File.ReadAllBytes(path));
        var predictions = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (IsOneObject(file))
        {
            foreach (var (id, prediction) in file.Json().Members())
                predictions[id] = Spans(benchmark, prediction);
            return predictions;
        }

        foreach (var record in file.Lines())
        {
            var id = (record.Find("id") ?? record["key"]).AsId();
            if (!predictions.TryAdd(id, Spans(benchmark, record.Find("predicted_answer") ?? record["response"])))
                throw file.Broken(record.Place, $"'{id}' a second time", "one prediction an id");
        }

        return predictions;
    }

    private static string[] Spans(Benchmark benchmark, Node prediction) =>
        benchmark.TakesSpans && prediction.Value.ValueKind == JsonValueKind.Array ? [.. prediction.Elements().Select(span => span.AsText())] : [prediction.AsText()];

    /// <summary>{id: text} is one object without an answer of its own; anything else goes line by line.</summary>
    private static bool IsOneObject(DataFile file)
    {
        try
        {
            using var document = JsonDocument.Parse(file.Text);
            return document.RootElement.ValueKind == JsonValueKind.Object && !document.RootElement.TryGetProperty("response", out _) && !document.RootElement.TryGetProperty("predicted_answer", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
