using Sweep.Execution.Benchmarks;

namespace Sweep.Execution.Running;

/// <summary>An item ready for the model.</summary>
internal sealed record PreparedItem
{
    public required BenchmarkItem Item { get; init; }

    public required TokenizedPrompt Prompt { get; init; }

    public required string PromptHash { get; init; }

    /// <summary>Tokens of each gold continuation.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Continuations { get; init; }
}
