using Sweep.Contracts.Results;

namespace Sweep.Execution.Summaries;

/// <summary>One job's ledger rows on a benchmark's items, in item order; null where the ledger has none.</summary>
internal sealed class JobScores(int items)
{
    private readonly ItemScore?[] _rows = new ItemScore?[items];

    public ItemScore? this[int item]
    {
        get => _rows[item];
        set => _rows[item] = value;
    }

    public IEnumerable<ItemScore> Present => _rows.OfType<ItemScore>();
}

/// <summary>What the summary needs of a ledger row.</summary>
/// <param name="Metrics">Of the response; empty where this job has none.</param>
internal sealed record ItemScore(IReadOnlyDictionary<string, double> Metrics, double? LogLikelihood, int? Tokens, bool Diverged, ReceiptRow Receipt)
{
    /// <summary>Null where this job has none of that name.</summary>
    public double? Metric(string name) => Metrics.TryGetValue(name, out var value) ? value : null;

    public static ItemScore Of(ItemResult row) => new(
        row.Metrics,
        row.LogLikelihood,
        row.LogLikelihoodTokens,
        row.Flags.HasFlag(ItemFlags.Diverged),
        row.Receipt);
}
