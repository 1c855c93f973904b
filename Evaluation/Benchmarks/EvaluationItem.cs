namespace Sweep.Evaluation.Benchmarks;

/// <summary>One item: prompt = prefix + context + suffix, of which only the context may be cut; golds; and what its metric needs beside them.</summary>
public sealed record EvaluationItem
{
    /// <summary>File hash + published id, or + hash of the record where ids are missing or not unique.</summary>
    public required string Id { get; init; }

    /// <summary>The id in the published file, to match predictions; null where there is none.</summary>
    public string? PublishedId { get; init; }

    /// <summary>Hash of the passage, document or prompt that items share.</summary>
    public required string Group { get; init; }

    public required string Prefix { get; init; }

    public required string Context { get; init; }

    public required string Suffix { get; init; }

    /// <summary>Reference answers as text; for metrics with structure see <see cref="Answers"/> and <see cref="Instructions"/>.</summary>
    public required IReadOnlyList<string> Golds { get; init; }

    /// <summary>Text whose log-likelihood is asked for, one a gold (of multiple choice: one a choice): space, gold, terminator.</summary>
    public required IReadOnlyList<string> Continuations { get; init; }

    /// <summary>Texts that the item is made of and that may be found elsewhere: its context, its paragraphs.</summary>
    public required IReadOnlyList<string> Documents { get; init; }

    /// <summary>DROP: each answer as its list of spans.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? Answers { get; init; }

    /// <summary>IFEval: what the response must keep to.</summary>
    public IReadOnlyList<Metrics.Instruction>? Instructions { get; init; }

    /// <summary>RULER's question answering: any gold is as good as all.</summary>
    public bool AnyGold { get; init; }

    /// <summary>Multiple choice: the texts of the choices, one a continuation.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>Multiple choice: index of the continuation that is right. Null: all continuations are golds.</summary>
    public int? Gold { get; init; }

    /// <summary>How many verdicts the pooled metrics are shares of.</summary>
    public int Verdicts => Instructions?.Count ?? 1;

    public string Prompt => Prefix + Context + Suffix;
}

/// <summary>A record as a reader found it, before it has an id.</summary>
/// <param name="PublishedId">Null where the format has none.</param>
/// <param name="Canonical">What tells records apart that have no id.</param>
/// <param name="GroupText">What items of a group have in common.</param>
internal sealed record RawItem(string? PublishedId, string Canonical, string GroupText, FilledPrompt Prompt, IReadOnlyList<string> Golds)
{
    /// <summary>Beside the context.</summary>
    public IReadOnlyList<string> Documents { get; init; } = [];

    public IReadOnlyList<IReadOnlyList<string>>? Answers { get; init; }

    public IReadOnlyList<Metrics.Instruction>? Instructions { get; init; }

    public bool AnyGold { get; init; }

    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>Index into <see cref="Choices"/>.</summary>
    public int? Gold { get; init; }

    /// <summary>Texts that are continued; null: the golds themselves.</summary>
    public IReadOnlyList<string>? ContinuedGolds { get; init; }
}
