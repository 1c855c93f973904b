using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sweep.Evaluation.Benchmarks;
using Sweep.Evaluation.Metrics;

namespace Sweep.Evaluation.Tasks;

/// <summary>A benchmark that a task file describes. Group: the rendered text without its examples.</summary>
public sealed class TaskBenchmark : Benchmark
{
    public const string Kind = "task";

    private readonly TaskDefinition _task;
    private readonly FewShotExamples? _examples;

    /// <param name="fewShotPath">Where the task has examples: their file.</param>
    /// <param name="seed">Draws them.</param>
    /// <exception cref="InvalidDataFileException">The file of examples cannot be used.</exception>
    public TaskBenchmark(TaskDefinition task, string? fewShotPath, long seed)
    {
        _task = task;
        var identity = new MemoryStream();
        identity.Write(task.Content);
        if (task.FewShots > 0)
        {
            var file = Open(fewShotPath!);
            _examples = new FewShotExamples(file.File.Records(), seed);
            identity.Write(SHA256.HashData(file.Content));
            identity.Write(Encoding.UTF8.GetBytes(seed.ToString(CultureInfo.InvariantCulture)));
        }

        // Whatever decides a prompt is in the version, so that results of another task, other examples or another seed are other results.
        Template = new PromptTemplate($"task-prompt/1 {Convert.ToHexStringLower(SHA256.HashData(identity.ToArray()))[..32]}", "{text}");
    }

    public override string Name => Kind;

    public override PromptTemplate Template { get; }

    public override string PrimaryMetric => _task.Output == TaskOutput.LogLikelihood ? "acc" : _task.Metrics[0].Name;

    public override IReadOnlyList<string> MetricNames => _task.Output switch
    {
        TaskOutput.MultipleChoice => ChoiceMetric.Names,
        TaskOutput.LogLikelihood => ["acc"],
        TaskOutput.LogLikelihoodRolling => [],
        _ => [.. _task.Metrics.Select(metric => metric.Name).Order(StringComparer.Ordinal)],
    };

    public override int MaxNewTokens => _task.MaxNewTokens;

    public override IReadOnlyList<string> Stops => _task.Stops;

    public override bool IsText => _task.Output == TaskOutput.LogLikelihoodRolling;

    public override bool HasGolds => !IsText;

    public override bool ScoresLikelihoods => _task.Output is TaskOutput.LogLikelihood or TaskOutput.MultipleChoice;

    public override bool HasGoldPerplexity => _task.Output == TaskOutput.LogLikelihood && _task.Metrics.Any(metric => metric.Name == "perplexity");

    /// <summary>What ends a gold: the first stop of a generation.</summary>
    protected override string Terminator => _task.Stops.Count > 0 ? _task.Stops[0] : "";

    /// <summary>A target that is scored itself brings its own space (lm-evaluation-harness puts the delimiter before choices and examples only).</summary>
    protected override string Gap(string prompt) => _task.Output == TaskOutput.LogLikelihood ? "" : _task.TargetDelimiter;

    public override ItemScore Score(EvaluationItem item, string response)
    {
        var text = response.Trim();
        return new ItemScore(_task.Metrics.ToDictionary(metric => metric.Name, metric => metric.Name == "f1" ? SquadMetric.Best(item.Golds, text).F1 : ExactMatch(metric, item.Golds, text), StringComparer.Ordinal), false);
    }

    public override ItemScore Score(EvaluationItem item, IReadOnlyList<ContinuationScore> continuations) => new(
        _task.Output == TaskOutput.MultipleChoice
            ? ChoiceMetric.Score(item.Choices!, [.. continuations.Select(continuation => continuation.LogLikelihood)], item.Gold!.Value)
            : new Dictionary<string, double> { ["acc"] = continuations.Any(continuation => continuation.IsGreedy) ? 1 : 0 },
        false);

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        foreach (var record in file.Records())
        {
            var text = _task.Text.Text(record);
            var prompt = new FilledPrompt(_task.Description + string.Concat((_examples?.For(record, _task.FewShots) ?? []).Select(Example)) + text, "", "");
            var id = record.Find("id") is { Value.ValueKind: System.Text.Json.JsonValueKind.String or System.Text.Json.JsonValueKind.Number } named ? named.AsId() : null;
            if (_task.Output != TaskOutput.MultipleChoice)
            {
                yield return new RawItem(id, record.Canonical, text, prompt, IsText ? [] : Targets(record)) { Documents = [text] };
                continue;
            }

            var choices = Choices(record);
            var gold = Gold(record, choices);
            yield return new RawItem(id, record.Canonical, text, prompt, [choices[gold]]) { ContinuedGolds = choices, Choices = choices, Gold = gold, Documents = [text] };
        }
    }

    private static (DataFile File, byte[] Content) Open(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataFileException(path, "file", "none", "examples");
        RequireSize(path);
        var content = File.ReadAllBytes(path);
        return (new DataFile(path, content), content);
    }

    private static double ExactMatch(TaskMetric metric, IReadOnlyList<string> golds, string response)
    {
        return golds.Any(gold => Normal(gold.Trim()) == Normal(response)) ? 1 : 0;

        string Normal(string text)
        {
            text = metric.IgnoreCase ? text.ToLowerInvariant() : text;
            return metric.IgnorePunctuation ? AnswerText.WithoutPunctuation(text) : text;
        }
    }

    private string Example(Node record)
    {
        var target = _task.Output == TaskOutput.MultipleChoice ? Choices(record) is var choices ? choices[Gold(record, choices)] : "" : Targets(record)[0];
        return _task.Text.Text(record) + _task.TargetDelimiter + target + _task.FewShotDelimiter;
    }

    private string[] Targets(Node record)
    {
        var target = _task.Target!.Value(record);
        string[] texts = target.IsList ? [.. target.AsList().Select(one => one.AsText())] : [target.AsText()];
        return texts.Length > 0 ? [.. texts.Distinct(StringComparer.Ordinal)] : throw record.File.Broken(record.Place, "no target", "at least one");
    }

    private string[] Choices(Node record)
    {
        string[] choices = _task.Choices is [var one]
            ? [.. one.Value(record).AsList().Select(choice => choice.AsText())]
            : [.. _task.Choices.Select(choice => choice.Text(record))];
        return choices.Length > 1 && choices.All(choice => choice.Length > 0)
            ? choices
            : throw record.File.Broken(record.Place, choices.Length > 1 ? "an empty choice" : $"{choices.Length} choices", "at least two, each of at least one character");
    }

    /// <summary>An index, also written as text, or the choice itself.</summary>
    private int Gold(Node record, string[] choices)
    {
        var target = _task.Target!.Value(record).AsText();
        var gold = target.All(char.IsAsciiDigit) && int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : Array.IndexOf(choices, target);
        return gold >= 0 && gold < choices.Length ? gold : throw record.File.Broken(record.Place, $"the target '{target}'", $"the index of a choice, from 0 to {choices.Length - 1}, or one of them");
    }
}
