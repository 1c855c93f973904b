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
    /// <summary>What this row is compared with instead of the recorded baseline; null where those are the same bits.</summary>
    public PairScore? Pair { get; init; }

    /// <summary>Null where this job has none of that name.</summary>
    public double? Metric(string name) => Value(Metrics, name);

    /// <summary>The unsteered score that a steered row is compared with: its pair's, else the recorded baseline's.</summary>
    /// <param name="steered">Null: there is no row.</param>
    /// <param name="name">A metric of both.</param>
    public double? MetricBeside(ItemScore? steered, string name) => (steered?.Pair is { } pair ? Value(pair.Metrics, name) : null) ?? Metric(name);

    /// <summary>The same of the log-likelihood; a pair that diverged has none.</summary>
    public double? LogLikelihoodBeside(ItemScore? steered) => steered?.Pair?.LogLikelihood ?? LogLikelihood;

    public static ItemScore Of(ItemResult row) => new(
        row.Metrics,
        row.LogLikelihood,
        row.LogLikelihoodTokens,
        row.Flags.HasFlag(ItemFlags.Diverged),
        row.Receipt)
    {
        Pair = row.Pair,
    };

    private static double? Value(IReadOnlyDictionary<string, double> metrics, string name) => metrics.TryGetValue(name, out var value) ? value : null;
}
