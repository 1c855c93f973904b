using Sweep.Contracts.Plans;

namespace Sweep.Execution.Planning.Controls;

/// <summary>A control's channels, before they become interventions.</summary>
internal sealed record DrawnControl
{
    public required ControlKind Kind { get; init; }

    /// <summary>In words, without the operation.</summary>
    public required string Recipe { get; init; }

    /// <summary>One set a part, ascending.</summary>
    public required IReadOnlyList<int[]> Channels { get; init; }

    /// <summary>What is added to each part's layer.</summary>
    public int Shift { get; init; }

    /// <summary>Its own scalars; null: the bottleneck's.</summary>
    public IReadOnlyList<double>? Scalars { get; init; }
}
