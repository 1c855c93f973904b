namespace Sweep.Evaluation.Statistics;

/// <summary>
/// Bias-corrected and accelerated bootstrap interval (Efron 1987) of a mean of paired differences, Σ weight · difference / Σ weight. Whole groups are drawn: items of one
/// passage are not independent.
/// </summary>
public static class BcaBootstrap
{
    public const int DefaultDraws = 9_999;

    /// <summary>Relative to the largest |mean|: draws closer to the estimate than this are it, rounded differently.</summary>
    private const double Rounding = 1e-12;

    /// <summary>
    /// The bounds are the quantiles Φ(z₀ + (z₀ + z) / (1 − a(z₀ + z))) of the drawn means at z = ∓Φ⁻¹((1 + confidence) / 2), where Φ(z₀) is the share of draws below the
    /// estimate (one equal to it counts half) and a = Σ d³ / 6(Σ d²)^1.5 with d = mean of the estimates with one group left out − that estimate. In the unit of the
    /// differences. With fewer than two groups nothing is known of the spread: −∞..∞. Groups that all have the same mean give a point: for shares, where that says too
    /// much, <see cref="TangoInterval"/> does not. It does not depend on the order of items. Cost: groups · draws.
    /// </summary>
    /// <param name="groups">One a difference.</param>
    /// <param name="weights">Of each difference in the mean; null: 1 each.</param>
    public static (double Low, double High) Interval(
        IReadOnlyList<double> differences, IReadOnlyList<string> groups, long seed, IReadOnlyList<double>? weights = null, double confidence = 0.95, int draws = DefaultDraws)
    {
        var sums = GroupSums.Ordered(differences, groups, weights).ToArray();
        var z = StandardNormal.TwoSided(confidence);
        if (sums.Length < 2)
            return (double.NegativeInfinity, double.PositiveInfinity);
        var (sum, weight) = (sums.Sum(group => group.Sum), sums.Sum(group => group.Weight));
        var means = Draw(sums, draws, seed);
        var z0 = Bias(means, sum / weight);
        var a = Acceleration([.. sums.Select(group => (sum - group.Sum) / (weight - group.Weight))]);
        return (PairedBootstrap.Quantile(means, Level(-z)), PairedBootstrap.Quantile(means, Level(z)));

        double Level(double at) => StandardNormal.Cumulative(z0 + ((z0 + at) / (1 - (a * (z0 + at)))));
    }

    private static double[] Draw((string Group, double Sum, double Weight)[] sums, int draws, long seed)
    {
        var random = new SplitMix64(seed);
        var means = new double[draws];
        for (var draw = 0; draw < draws; draw++)
        {
            var (sum, weight) = (0.0, 0.0);
            for (var i = 0; i < sums.Length; i++)
            {
                var drawn = sums[random.Below(sums.Length)];
                sum += drawn.Sum;
                weight += drawn.Weight;
            }

            means[draw] = sum / weight;
        }

        Array.Sort(means);
        return means;
    }

    /// <summary>z₀; at most that of half a draw on one side.</summary>
    private static double Bias(double[] sorted, double estimate)
    {
        var near = Rounding * Math.Max(Math.Abs(sorted[0]), Math.Abs(sorted[^1]));
        var below = sorted.Count(mean => mean < estimate - near);
        var equal = sorted.Count(mean => Math.Abs(mean - estimate) <= near);
        return StandardNormal.Quantile(Math.Clamp(below + (0.5 * equal), 0.5, sorted.Length - 0.5) / sorted.Length);
    }

    private static double Acceleration(double[] leftOut)
    {
        var mean = leftOut.Average();
        double squares = 0, cubes = 0;
        foreach (var estimate in leftOut)
        {
            var d = mean - estimate;
            squares += d * d;
            cubes += d * d * d;
        }

        return squares > 0 ? cubes / (6 * Math.Pow(squares, 1.5)) : 0;
    }
}
