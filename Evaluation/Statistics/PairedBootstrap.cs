namespace Sweep.Evaluation.Statistics;

/// <summary>Percentile bootstrap of a mean of paired differences; whole groups are drawn, because items of one passage are not independent.</summary>
public static class PairedBootstrap
{
    public const int Draws = 2000;

    /// <summary>The 95 % interval. The draws come from SplitMix64 at the seed, so the same input gives the same interval everywhere.</summary>
    public static (double Low, double High) Interval(IReadOnlyList<double> differences, IReadOnlyList<string> groups, long seed)
    {
        if (differences.Count != groups.Count)
            throw new ArgumentException($"{differences.Count} differences, {groups.Count} groups");
        if (differences.Count == 0)
            return (0, 0);
        var sums = new List<(double Sum, int Count)>();
        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < differences.Count; i++)
        {
            if (!index.TryGetValue(groups[i], out var at))
            {
                at = index[groups[i]] = sums.Count;
                sums.Add((0, 0));
            }

            sums[at] = (sums[at].Sum + differences[i], sums[at].Count + 1);
        }

        var state = (ulong)seed;
        var means = new double[Draws];
        for (var draw = 0; draw < Draws; draw++)
        {
            var (sum, count) = (0.0, 0);
            for (var i = 0; i < sums.Count; i++)
            {
                var drawn = sums[(int)(((UInt128)Next() * (ulong)sums.Count) >> 64)];
                sum += drawn.Sum;
                count += drawn.Count;
            }

            means[draw] = sum / count;
        }

        Array.Sort(means);
        return (Quantile(means, 0.025), Quantile(means, 0.975));

        ulong Next()
        {
            state += 0x9E3779B97F4A7C15;
            var z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>Linear between order statistics (type 7 of Hyndman and Fan 1996).</summary>
    private static double Quantile(double[] sorted, double p)
    {
        var position = p * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }
}
