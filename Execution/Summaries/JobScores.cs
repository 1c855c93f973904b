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
/// <param name="Metric">The benchmark's primary metric; null where this job has none.</param>
internal sealed record ItemScore(double? Metric, double? LogLikelihood, int? Tokens, bool Diverged, ReceiptRow Receipt)
{
    public static ItemScore Of(ItemResult row, string metric) => new(
        row.Metrics.TryGetValue(metric, out var value) ? value : null,
        row.LogLikelihood,
        row.LogLikelihoodTokens,
        row.Flags.HasFlag(ItemFlags.Diverged),
        row.Receipt);
}
