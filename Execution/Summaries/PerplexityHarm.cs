using Sweep.Contracts.Results;

namespace Sweep.Execution.Summaries;

/// <summary>What steering does to a text's perplexity, and the interval of that. Null where something diverged, or is missing.</summary>
internal sealed record PerplexityHarm(double? Change, double? Low, double? High)
{
    /// <summary>Of several scalars the harm of what is reported at them, by their shares: the change of the mean log-likelihood a token.</summary>
    /// <param name="parts">The text at each scalar, and the scalar's share; shares add up to 1.</param>
    /// <param name="seed">Of the interval.</param>
    public static PerplexityHarm Of(IReadOnlyList<(PairedScores Scores, double Share)> parts, long seed)
    {
        if (!parts.All(part => part.Scores.HasPerplexity) || (parts.Count > 1 && !parts.All(part => part.Scores.Score.IsComplete)))
            return new PerplexityHarm(null, null, null);
        var series = parts.Count == 1 ? parts[0].Scores.Score : Mixed(parts);
        var (low, high) = EffectTests.Interval(series, ScoreUnit.NatsAToken, isBinary: false, seed, EffectTests.RowDraws);
        return new PerplexityHarm(Of(series.Effect), high is { } gain ? Of(gain) : null, low is { } loss ? Of(loss) : null);
    }

    /// <summary>Perplexity over perplexity before, minus 1; null where it is no finite number.</summary>
    public static double? Of(double logLikelihoodEffect) => Math.Exp(-logLikelihoodEffect) - 1 is var change && double.IsFinite(change) ? change : null;

    private static PairedSeries Mixed(IReadOnlyList<(PairedScores Scores, double Share)> parts)
    {
        var (first, mixed) = (parts[0].Scores.Score, new PairedSeries());
        for (var item = 0; item < first.N; item++)
            mixed.Add(0, parts.Sum(part => part.Share * part.Scores.Score.Differences[item]), first.GroupNames[item], first.Weights[item]);
        return mixed;
    }
}
