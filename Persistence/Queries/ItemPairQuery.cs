using Sweep.Contracts.Jobs;

namespace Sweep.Persistence.Queries;

/// <summary>Which way an item's score went.</summary>
public enum ItemChange
{
    /// <summary>Any, and none.</summary>
    All,

    /// <summary>Up or down.</summary>
    Changed,

    /// <summary>Wrong before and right after, or higher.</summary>
    Better,

    /// <summary>Right before and wrong after, or lower.</summary>
    Worse,
}

/// <summary>Which items of an unsteered and a steered job are wanted.</summary>
public sealed record ItemPairQuery
{
    public required JobId Before { get; init; }

    public required JobId After { get; init; }

    /// <summary>The metric that is the score. Null: the log-likelihood is.</summary>
    public required string? Metric { get; init; }

    /// <summary>Log-likelihoods are a token's. Default: an item's.</summary>
    public bool PerToken { get; init; }

    /// <summary>Of these alone, as those of a split. Default: of all.</summary>
    public IReadOnlyCollection<string>? Items { get; init; }

    /// <summary>Default: all.</summary>
    public ItemChange Change { get; init; }

    /// <summary>Those behind this item id, ordinally. Default: from the first.</summary>
    public string? Behind { get; init; }

    /// <summary>Default: all of them.</summary>
    public int Take { get; init; } = int.MaxValue;
}

/// <summary>An item's score without and with steering.</summary>
/// <param name="ItemId">Its id.</param>
/// <param name="Before">Of the unsteered row beside the steered one, where rows have pairs; else of the recorded one. Null: it has none.</param>
/// <param name="After">Null: it has none.</param>
public sealed record ItemPairScore(string ItemId, double? Before, double? After)
{
    /// <summary>Null: one of the two has no score.</summary>
    public double? Effect => After - Before;
}

/// <summary>A page of items.</summary>
public sealed record ItemPairPage
{
    public required IReadOnlyList<ItemPairScore> Items { get; init; }

    /// <summary>What the next page lies behind; null: this is the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>How many items went which way.</summary>
public sealed record ItemPairCounts
{
    /// <summary>That both jobs have a row of.</summary>
    public required int Items { get; init; }

    /// <summary>With a score before and after.</summary>
    public required int Scored { get; init; }

    public required int Better { get; init; }

    public required int Worse { get; init; }
}
