using Sweep.Contracts.Results;
using Sweep.Evaluation.Statistics;

namespace Sweep.Execution.Summaries;

/// <summary>A row before it is seen beside the others of the sweep.</summary>
internal sealed record OpenRow
{
    public required SummaryRow Row { get; init; }

    /// <summary>The chosen scalar on the test split.</summary>
    public required PairedScores Test { get; init; }

    /// <summary>How its scalars were cross-fitted; null: they were chosen elsewhere.</summary>
    public FoldedChoice? Folded { get; init; }

    /// <summary>The test split at another scalar; null: it was not run there.</summary>
    public required Func<double, PairedScores?> At { get; init; }

    /// <summary>Of the score on the test split; null without a test item.</summary>
    public required FamilyMember? Member { get; init; }

    /// <summary>The same with its choices, of a row that is cross-fitted.</summary>
    public CrossFittedMember? FoldedMember { get; init; }

    /// <summary>The choice was the identity: its effect is none, by construction.</summary>
    public required bool IsBaseline { get; init; }

    /// <summary>Standard error of the effect; infinite with fewer than two groups.</summary>
    public required double Error { get; init; }

    /// <summary>What the row is ranked by; −∞ where a test item diverged.</summary>
    public required double RankedEffect { get; init; }

    /// <summary>The same of the random controls, by their number; those that lack test items are left out.</summary>
    public required IReadOnlyDictionary<int, double> ControlEffects { get; init; }
}

/// <summary>A cell before it is seen beside the others of the sweep.</summary>
/// <param name="Cell">All that it says by itself.</param>
/// <param name="Member">Of a bottleneck that is steered there and has test items; else null.</param>
internal sealed record OpenCell(SummaryCell Cell, FamilyMember? Member);
