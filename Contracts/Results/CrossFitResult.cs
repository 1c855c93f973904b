namespace Sweep.Contracts.Results;

/// <summary>Behind a row whose scalars were chosen by fold: every item is a test item once, at the scalar that is best on the items of the other folds.</summary>
public sealed record CrossFitResult
{
    /// <summary>By number.</summary>
    public required IReadOnlyList<FoldScalar> Folds { get; init; }

    /// <summary>Folds that chose the row's scalar, which is the most frequent one.</summary>
    public required int Agreeing { get; init; }

    /// <summary>
    /// How many times wider the row's interval, smallest detectable effect and margins are than they would be if the scalars had been given: 1 and more (docs/decisions/0025).
    /// </summary>
    public required double Widening { get; init; }

    /// <summary>All items, each at the scalar of its fold; what takes an interval is in the row.</summary>
    public required SplitScores Scores { get; init; }
}

/// <summary>What one fold is reported at.</summary>
public sealed record FoldScalar
{
    /// <summary>Null for ablations.</summary>
    public double? Scalar { get; init; }

    /// <summary>Items of the other folds, on which it is best.</summary>
    public required int SelectionItems { get; init; }

    public required int TestItems { get; init; }

    public required int TestGroups { get; init; }
}
