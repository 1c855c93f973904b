using Sweep.Contracts.Jobs;

namespace Sweep.Persistence.Queries;

/// <summary>Which rows' scores are wanted.</summary>
public sealed record RowScoreQuery
{
    public required IReadOnlyCollection<JobId> Jobs { get; init; }

    /// <summary>The metric that is the score. Null: the log-likelihood is.</summary>
    public required string? Metric { get; init; }

    /// <summary>Log-likelihoods are a token's. Default: an item's.</summary>
    public bool PerToken { get; init; }
}

/// <summary>What a row of the ledger scored.</summary>
/// <param name="Job">Its job.</param>
/// <param name="ItemId">Its item.</param>
/// <param name="Score">Null: it has none.</param>
/// <param name="Pair">Of the unsteered row beside it, where rows have pairs.</param>
/// <param name="Tokens">Behind a log-likelihood.</param>
public sealed record RowScore(JobId Job, string ItemId, double? Score, double? Pair, int Tokens);
