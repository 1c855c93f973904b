using MathNet.Numerics.Distributions;

namespace Sweep.Evaluation.Statistics;

/// <summary>
/// Tests of "no worse than" and "equivalent": a margin is the largest effect that does not matter, in the unit of the effect, above 0. A small p rejects that the effect is
/// beyond the margin; a large p says nothing.
/// </summary>
public static class EquivalenceTest
{
    /// <summary>
    /// One-sided, of paired proportions: p of "the effect is −margin or less", Φ(−Z) of Tango's score statistic at −margin (Tango 1998). Pairs are taken for independent.
    /// 1 without a pair.
    /// </summary>
    public static double NotWorse(int better, int worse, int n, double margin)
    {
        Check(margin);
        if (margin >= 1)
            throw new ArgumentOutOfRangeException(nameof(margin), margin, "expected a margin below 1, the largest difference of proportions");
        return n == 0 ? 1 : StandardNormal.Cumulative(-TangoInterval.Z(better, worse, n, -margin));
    }

    /// <summary>Two one-sided tests (Schuirmann 1987): the larger p of "no worse" and "no better".</summary>
    public static double Equivalent(int better, int worse, int n, double margin) => Math.Max(NotWorse(better, worse, n, margin), NotWorse(worse, better, n, margin));

    /// <summary>
    /// One-sided, of a mean of paired differences: p of "the effect is −margin or less", the upper tail of Student's t at (mean + margin) / standard error between groups, of
    /// groups − 1 degrees of freedom. 1 with fewer than two groups; 0 or 1 where all groups have the same mean.
    /// </summary>
    /// <param name="groups">One a difference.</param>
    /// <param name="weights">Of each difference in the mean; null: 1 each.</param>
    public static double NotWorse(IReadOnlyList<double> differences, IReadOnlyList<string> groups, double margin, IReadOnlyList<double>? weights = null)
    {
        Check(margin);
        var sums = GroupSums.Ordered(differences, groups, weights);
        if (sums.Count < 2)
            return 1;
        double count = sums.Count, weight = sums.Sum(group => group.Weight), mean = sums.Sum(group => group.Sum) / weight;
        var squares = sums.Sum(group => (group.Sum - (group.Weight * mean)) * (group.Sum - (group.Weight * mean)));
        var error = Math.Sqrt(squares * count / (count - 1)) / weight;
        if (error == 0)
            return mean > -margin ? 0 : 1;
        return StudentT.CDF(0, 1, count - 1, -(mean + margin) / error);
    }

    /// <summary>Two one-sided tests (Schuirmann 1987): the larger p of "no worse" and "no better".</summary>
    public static double Equivalent(IReadOnlyList<double> differences, IReadOnlyList<string> groups, double margin, IReadOnlyList<double>? weights = null) =>
        Math.Max(NotWorse(differences, groups, margin, weights), NotWorse([.. differences.Select(difference => -difference)], groups, margin, weights));

    private static void Check(double margin)
    {
        if (!(margin > 0))
            throw new ArgumentOutOfRangeException(nameof(margin), margin, "expected a margin above 0");
    }
}
