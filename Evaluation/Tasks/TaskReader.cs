using System.Text.Json;
using Sweep.Evaluation.Benchmarks;

namespace Sweep.Evaluation.Tasks;

/// <summary>From a task file's fields to a task. Nothing is guessed: what changes a score and is not read here is refused.</summary>
internal static class TaskReader
{
    private const int MostFewShots = 64;
    private const int MostNewTokens = 100_000;

    private static readonly Dictionary<string, TaskOutput> Outputs = new(StringComparer.Ordinal)
    {
        ["generate_until"] = TaskOutput.GenerateUntil,
        ["loglikelihood"] = TaskOutput.LogLikelihood,
        ["loglikelihood_rolling"] = TaskOutput.LogLikelihoodRolling,
        ["multiple_choice"] = TaskOutput.MultipleChoice,
    };

    private static readonly Dictionary<TaskOutput, string[]> Metrics = new()
    {
        [TaskOutput.GenerateUntil] = ["exact_match", "f1"],
        [TaskOutput.LogLikelihood] = ["acc", "perplexity"],
        [TaskOutput.LogLikelihoodRolling] = ["perplexity"],
        [TaskOutput.MultipleChoice] = ["acc", "acc_norm", "acc_bytes"],
    };

    private static readonly string[] Understood =
    [
        "task", "output_type", "dataset_path", "dataset_kwargs", "training_split", "validation_split", "test_split", "fewshot_split", "num_fewshot", "description",
        "doc_to_text", "doc_to_target", "doc_to_choice", "target_delimiter", "fewshot_delimiter", "metric_list", "generation_kwargs",
    ];

    /// <summary>They name, group or describe the task and change no score.</summary>
    private static readonly string[] PassedOver = ["task_alias", "tag", "group", "group_alias", "metadata", "dataset_name", "should_decontaminate", "doc_to_decontamination_query"];

    public static TaskDefinition Read(Node task, byte[] content)
    {
        foreach (var (name, value) in task.Members())
        {
            if (!Understood.Contains(name) && !PassedOver.Contains(name))
                throw task.File.Broken(value.Place, $"the field '{name}'", $"{string.Join(", ", Understood)}; passed over are {string.Join(", ", PassedOver)}");
        }

        var output = Output(task.Find("output_type"));
        var files = DataFiles(task);
        var fewShots = Whole(task.Find("num_fewshot"), 0, MostFewShots) ?? 0;
        var metrics = task.Find("metric_list") is { } list ? [.. list.Elements().Select(metric => Metric(metric, output))] : (TaskMetric[])[new TaskMetric(Metrics[output][0])];
        if (metrics.Length == 0 || metrics.DistinctBy(metric => metric.Name).Count() < metrics.Length)
            throw task.File.Broken("task.metric_list", metrics.Length == 0 ? "an empty list" : "a metric a second time", "each metric once");
        if (output == TaskOutput.LogLikelihoodRolling && fewShots > 0)
            throw task.File.Broken("task.num_fewshot", $"{fewShots}", "0: a text that is scored itself has no examples");
        var (until, most) = Generation(task.Find("generation_kwargs"), output);
        var items = File(task, files, ["test_split", "validation_split"], "the split of the items");
        var examples = fewShots == 0 ? null : File(task, files, ["fewshot_split", "training_split", "validation_split", "test_split"], "the split of the examples");
        var delimiter = task.Find("fewshot_delimiter")?.AsText() ?? "\n\n";
        return new TaskDefinition(content, TaskTemplate.Parse(task["doc_to_text"]))
        {
            Name = task.Find("task")?.AsText(),
            Output = output,
            DataFile = items,
            FewShotFile = examples,
            FewShots = fewShots,
            Metrics = metrics,
            Stops = output == TaskOutput.GenerateUntil ? until ?? [delimiter] : [],
            MaxNewTokens = output == TaskOutput.GenerateUntil ? most : 0,
            Description = Literal(task.Find("description")),
            Target = output == TaskOutput.LogLikelihoodRolling ? null : Template(task["doc_to_target"]),
            Choices = output == TaskOutput.MultipleChoice ? Choices(task["doc_to_choice"]) : [],
            TargetDelimiter = task.Find("target_delimiter")?.AsText() ?? " ",
            FewShotDelimiter = delimiter,
        };
    }

    private static TaskOutput Output(Node? field)
    {
        if (field is not { } node)
            return TaskOutput.GenerateUntil;
        return Outputs.TryGetValue(node.AsText(), out var output) ? output : throw node.File.Broken(node.Place, $"'{node.AsText()}'", $"one of {string.Join(", ", Outputs.Keys)}");
    }

    /// <summary>Split to file; a single file is every split.</summary>
    private static Dictionary<string, string> DataFiles(Node task)
    {
        if (task.Find("dataset_path") is { } path && path.AsText() is not ("json" or "parquet"))
            throw task.File.Broken(path.Place, $"'{path.AsText()}'", "json or parquet, with your own files in dataset_kwargs.data_files: nothing is fetched");
        var arguments = task["dataset_kwargs"];
        foreach (var (name, value) in arguments.Members())
        {
            if (name != "data_files")
                throw task.File.Broken(value.Place, $"the field '{name}'", "data_files");
        }

        var files = arguments["data_files"];
        return files.Value.ValueKind == JsonValueKind.String
            ? new Dictionary<string, string>(StringComparer.Ordinal) { [""] = files.AsText() }
            : files.Members().ToDictionary(member => member.Name, member => member.Value.AsText(), StringComparer.Ordinal);
    }

    /// <summary>The file of the first split that the task names.</summary>
    private static string File(Node task, Dictionary<string, string> files, string[] fields, string what)
    {
        if (files.TryGetValue("", out var only))
            return only;
        foreach (var field in fields)
        {
            if (task.Find(field) is { } split)
                return files.TryGetValue(split.AsText(), out var file) ? file : throw task.File.Broken(split.Place, $"'{split.AsText()}'", $"one of data_files: {string.Join(", ", files.Keys)}");
        }

        throw task.File.Broken($"task.{fields[0]}", "nothing", $"{what}, one of data_files: {string.Join(", ", files.Keys)}");
    }

    private static TaskMetric Metric(Node metric, TaskOutput output)
    {
        var name = metric["metric"].AsText();
        if (!Metrics[output].Contains(name))
            throw metric.File.Broken($"{metric.Place}.metric", $"'{name}'", $"one of {string.Join(", ", Metrics[output])} for this output_type");
        foreach (var (field, value) in metric.Members())
        {
            var isKnown = field is "metric" or "aggregation" or "higher_is_better" || (name == "exact_match" && field is "ignore_case" or "ignore_punctuation");
            if (!isKnown)
                throw metric.File.Broken(value.Place, $"the field '{field}'", name == "exact_match" ? "aggregation, higher_is_better, ignore_case or ignore_punctuation" : "aggregation or higher_is_better");
            var wanted = name == "perplexity" && output == TaskOutput.LogLikelihood ? "perplexity" : output == TaskOutput.LogLikelihoodRolling ? "weighted_perplexity" : "mean";
            if (field == "aggregation" && value.AsText() != wanted && !(name == "perplexity" && value.AsText() == "perplexity"))
                throw metric.File.Broken(value.Place, $"'{value.AsText()}'", wanted);
        }

        return new TaskMetric(name, Flag(metric.Find("ignore_case")) ?? false, Flag(metric.Find("ignore_punctuation")) ?? false);
    }

    private static (string[]? Until, int Most) Generation(Node? arguments, TaskOutput output)
    {
        const int usual = 256;
        if (arguments is not { } node)
            return (null, usual);
        if (output != TaskOutput.GenerateUntil)
            throw node.File.Broken(node.Place, "generation_kwargs", "them for generate_until only");
        string[]? until = null;
        var most = usual;
        foreach (var (name, value) in node.Members())
        {
            switch (name)
            {
                case "until":
                    until = value.Value.ValueKind == JsonValueKind.String ? [value.AsText()] : [.. value.Elements().Select(stop => stop.AsText())];
                    if (until.Any(stop => stop.Length == 0))
                        throw node.File.Broken(value.Place, "an empty text", "texts that end a generation");
                    break;
                case "max_gen_toks":
                    most = Whole(value, 1, MostNewTokens)!.Value;
                    break;
                case "do_sample" when Flag(value) == false:
                case "temperature" when value.Value.ValueKind == JsonValueKind.Number && value.Value.GetDouble() == 0:
                    break;
                default:
                    throw node.File.Broken(value.Place, $"{value.Value}", "until, max_gen_toks, do_sample: false, temperature: 0: generation is greedy here");
            }
        }

        return (until, most);
    }

    private static TaskTemplate[] Choices(Node choices)
    {
        if (choices.Value.ValueKind != JsonValueKind.Array)
            return [TaskTemplate.Parse(choices)];
        TaskTemplate[] templates = [.. choices.Elements().Select(TaskTemplate.Parse)];
        return templates.Length > 1 ? templates : throw choices.File.Broken(choices.Place, $"a list of {templates.Length}", "at least two choices, or a template that stands for a list");
    }

    /// <summary>A target may be written as a number: the index of a choice.</summary>
    private static TaskTemplate Template(Node target) => target.Value.ValueKind == JsonValueKind.Number
        ? TaskTemplate.Parse(target with { Value = JsonSerializer.SerializeToElement(target.Value.GetRawText()) })
        : TaskTemplate.Parse(target);

    private static string Literal(Node? text)
    {
        if (text is not { } node)
            return "";
        return node.AsText().Contains("{{", StringComparison.Ordinal) ? throw node.File.Broken(node.Place, "'{{'", "a text as it is: it stands before all records") : node.AsText();
    }

    private static int? Whole(Node? field, int least, int most) => field is not { } node ? null
        : node.Value.ValueKind == JsonValueKind.Number && node.Value.TryGetInt32(out var whole) && whole >= least && whole <= most ? whole
        : throw node.File.Broken(node.Place, $"{node.Value}", $"a whole number from {least} to {most}");

    private static bool? Flag(Node? field) => field?.Value.ValueKind switch
    {
        null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw field.Value.File.Broken(field.Value.Place, $"{field.Value.Value}", "true or false"),
    };
}
