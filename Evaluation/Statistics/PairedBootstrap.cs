namespace Sweep.Evaluation.Statistics;

/// <summary>Percentile bootstrap of a mean of paired differences; whole groups are drawn, because items of one passage are not independent.</summary>
public static class PairedBootstrap
{
    public const int Draws = 2000;

    /// <summary>The 95 % interval. The draws come from SplitMix64 at the seed, so the same input gives the same interval everywhere.</summary>
    /// <param name="weights">Of each difference in the mean; null: 1 each.</param>
    public static (double Low, double High) Interval(
        IReadOnlyList<double> differences, IReadOnlyList<string> groups, long seed, IReadOnlyList<double>? weights = null)
    {
        var sums = GroupSums.Of(differences, groups, weights);
        if (sums.Count == 0)
            return (0, 0);
        var random = new SplitMix64(seed);
        var means = new double[Draws];
        for (var draw = 0; draw < Draws; draw++)
        {
            var (sum, weight) = (0.0, 0.0);
            for (var i = 0; i < sums.Count; i++)
            {
                var drawn = sums[random.Below(sums.Count)];
                sum += drawn.Sum;
                weight += drawn.Weight;
            }

            means[draw] = sum / weight;
        }

        Array.Sort(means);
        return (Quantile(means, 0.025), Quantile(means, 0.975));
    }

    /// <summary>Linear between order statistics (type 7 of Hyndman and Fan 1996).</summary>
    internal static double Quantile(double[] sorted, double p)
    {
        var position = p * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }
}
