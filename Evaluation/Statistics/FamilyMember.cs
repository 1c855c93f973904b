namespace Sweep.Evaluation.Statistics;

/// <summary>One configuration of a family that is tested together.</summary>
public sealed record FamilyMember
{
    /// <summary>What its groups belong to, for instance a model's benchmark: members of one block share the sign of each group.</summary>
    public required string Block { get; init; }

    /// <summary>Steered − baseline, one an item.</summary>
    public required IReadOnlyList<double> Differences { get; init; }

    /// <summary>One a difference.</summary>
    public required IReadOnlyList<string> Groups { get; init; }

    /// <summary>Of each difference in its group's sum; null: 1 each.</summary>
    public IReadOnlyList<double>? Weights { get; init; }
}
