using Sweep.Execution.Benchmarks;

namespace Sweep.Execution.Running;

/// <summary>An item ready for the model.</summary>
internal sealed record PreparedItem
{
    public required BenchmarkItem Item { get; init; }

    public required TokenizedPrompt Prompt { get; init; }

    /// <summary>How the prompt is read: as a whole, or a text in windows.</summary>
    public required IReadOnlyList<TextWindow> Windows { get; init; }

    public required string PromptHash { get; init; }

    public required IReadOnlyList<GoldEndings> Golds { get; init; }

    /// <summary>Tokens of every way in which every gold can be said, gold after gold.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Continuations => field ??= [.. Golds.SelectMany(gold => gold.Continuations)];
}
