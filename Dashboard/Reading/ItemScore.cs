using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Dashboard.Reading;

/// <summary>What a row counts for on its benchmark.</summary>
/// <param name="Score">A share by the primary metric, else nats (of plain text a token). Null: it diverged, or has none.</param>
/// <param name="Pair">The same of the unsteered row beside it, where rows have pairs.</param>
/// <param name="Tokens">Behind a log-likelihood.</param>
internal sealed record ItemScore(double? Score, double? Pair, int Tokens)
{
    public static ItemScore Of(ItemResult row, ResolvedBenchmark benchmark)
    {
        var tokens = row.LogLikelihoodTokens ?? 0;
        if (benchmark.MetricMeasure is not null)
        {
            return new ItemScore(
                row.Metrics.TryGetValue(benchmark.PrimaryMetric, out var score) ? score : null,
                row.Pair?.Metrics.TryGetValue(benchmark.PrimaryMetric, out var pair) == true ? pair : null,
                tokens);
        }

        var perToken = benchmark.Measures.Contains(Measure.Perplexity) && tokens > 0 ? tokens : 1;
        return new ItemScore(row.LogLikelihood / perToken, row.Pair?.LogLikelihood / perToken, tokens);
    }
}
