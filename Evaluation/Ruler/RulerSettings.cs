namespace Sweep.Evaluation.Ruler;

/// <summary>What RULER's samples are made of.</summary>
public sealed record RulerSettings
{
    /// <summary>Longest prompt with its answer, in tokens.</summary>
    public required int Length { get; init; }

    /// <summary>Samples a task.</summary>
    public required int Items { get; init; }

    public required long Seed { get; init; }

    /// <summary>Tokens of a text, by the model's tokenizer.</summary>
    public required Func<string, int> CountTokens { get; init; }

    /// <summary>Folder with adjectivelist.txt, nounlist.txt and verblist.txt of the wonderwords package; null: none.</summary>
    public string? Words { get; init; }

    /// <summary>JSON of {word: ...} or [word, ...] for lists longer than the word lists; null: none.</summary>
    public string? MoreWords { get; init; }

    /// <summary>Text file, JSON of {text}, or a folder of text files: the essays.</summary>
    public string? Essays { get; init; }

    /// <summary>SQuAD's file: v2.0 dev for RULER, v1.1 for something like it.</summary>
    public string? Squad { get; init; }

    /// <summary>HotpotQA's dev file, distractor setting.</summary>
    public string? Hotpot { get; init; }
}

/// <summary>One record of a RULER file.</summary>
public sealed record RulerSample
{
    public required string Task { get; init; }

    /// <summary>0-based within its task.</summary>
    public required int Index { get; init; }

    /// <summary>The prompt up to the answer prefix.</summary>
    public required string Input { get; init; }

    public required string AnswerPrefix { get; init; }

    public required IReadOnlyList<string> Outputs { get; init; }

    /// <summary>Tokens of the whole prompt and of the answer's room.</summary>
    public required int Length { get; init; }
}

/// <summary>A source that a task needs is not given, or holds too little.</summary>
public sealed class RulerSourceException(string message) : Exception(message);
