using Sweep.Evaluation.Benchmarks;

namespace Sweep.Evaluation.Tasks;

/// <summary>What a task asks a model for.</summary>
public enum TaskOutput
{
    /// <summary>A response, compared with the target.</summary>
    GenerateUntil,

    /// <summary>How likely the target is, and whether greedy decoding writes it.</summary>
    LogLikelihood,

    /// <summary>How likely the text is, token by token.</summary>
    LogLikelihoodRolling,

    /// <summary>Which of several continuations is the likeliest.</summary>
    MultipleChoice,
}

/// <summary>A task file: the common subset of lm-evaluation-harness (docs/tasks.md).</summary>
public sealed record TaskDefinition
{
    internal TaskDefinition(byte[] content, TaskTemplate text) => (Content, Text) = (content, text);

    /// <summary>As it is called in the file; null: it is not.</summary>
    public string? Name { get; init; }

    public required TaskOutput Output { get; init; }

    /// <summary>File of the items, as the task names it.</summary>
    public required string DataFile { get; init; }

    /// <summary>File of the examples; null where there are none.</summary>
    public string? FewShotFile { get; init; }

    public int FewShots { get; init; }

    /// <summary>The first is the primary one.</summary>
    public required IReadOnlyList<TaskMetric> Metrics { get; init; }

    public required IReadOnlyList<string> Stops { get; init; }

    public required int MaxNewTokens { get; init; }

    /// <summary>The file's bytes, by which it is known.</summary>
    internal byte[] Content { get; }

    /// <summary>Put before everything.</summary>
    internal string Description { get; init; } = "";

    internal TaskTemplate Text { get; }

    /// <summary>Null for texts, which have none.</summary>
    internal TaskTemplate? Target { get; init; }

    /// <summary>A list of templates, or one that stands for a list; multiple choice only.</summary>
    internal IReadOnlyList<TaskTemplate> Choices { get; init; } = [];

    internal string TargetDelimiter { get; init; } = " ";

    internal string FewShotDelimiter { get; init; } = "\n\n";

    /// <exception cref="InvalidDataFileException">Not a task file, or one that asks for more than is read here.</exception>
    public static TaskDefinition Read(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataFileException(path, "file", "none", "a task file");
        if (new FileInfo(path).Length > 4 * TaskYaml.LongestText)
            throw new InvalidDataFileException(path, "file", $"{new FileInfo(path).Length} bytes", $"at most {4 * TaskYaml.LongestText}");
        var content = File.ReadAllBytes(path);
        return TaskReader.Read(TaskYaml.Read(new DataFile(path, content)), content);
    }
}

/// <summary>One line of metric_list.</summary>
/// <param name="IgnoreCase">exact_match only.</param>
/// <param name="IgnorePunctuation">exact_match only; ASCII punctuation.</param>
public sealed record TaskMetric(string Name, bool IgnoreCase = false, bool IgnorePunctuation = false);
