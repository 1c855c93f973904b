namespace Sweep.Evaluation.Statistics;

/// <summary>Standard error of a mean paired difference of scores in 0..1.</summary>
public static class PairedError
{
    /// <summary>
    /// √ of the largest of three squared errors; infinite with fewer than two groups. For binary scores the squared error of one pair is ψ − Δ² (discordance less squared
    /// effect). It is never taken to be smaller than
    /// <list type="bullet">
    /// <item>the error between groups, where items of a group move together;</item>
    /// <item>that of G groups with discordance z²/(G + z²), Wilson's upper bound where none of G is discordant: that nothing moved says little about what could have.</item>
    /// </list>
    /// </summary>
    /// <param name="differences">Steered − baseline of scores in 0..1.</param>
    /// <param name="groups">One a difference.</param>
    /// <param name="weights">Of each difference in the mean; null: 1 each.</param>
    public static double Of(IReadOnlyList<double> differences, IReadOnlyList<string> groups, IReadOnlyList<double>? weights = null)
    {
        double count = groups.Distinct(StringComparer.Ordinal).Count();
        return count < 2 ? double.PositiveInfinity : Math.Sqrt(Math.Max(PairedTests.Wilson(0, (int)count).High / count, Squared(differences, groups, weights)));
    }

    /// <summary>The same of any numbers, for instance log-likelihoods: √ of the larger of the first two, of items and between groups. 0 where all are equal.</summary>
    public static double OfNumbers(IReadOnlyList<double> differences, IReadOnlyList<string> groups, IReadOnlyList<double>? weights = null) =>
        Math.Sqrt(Squared(differences, groups, weights));

    private static double Squared(IReadOnlyList<double> differences, IReadOnlyList<string> groups, IReadOnlyList<double>? weights)
    {
        var sums = GroupSums.Of(differences, groups, weights);
        if (sums.Count < 2)
            return double.PositiveInfinity;
        double n = differences.Count, count = sums.Count;
        var weight = sums.Sum(group => group.Weight);
        var mean = sums.Sum(group => group.Sum) / weight;
        var ofItems = differences.Select((difference, i) => Square((weights?[i] ?? 1) * (difference - mean))).Sum() * n / ((n - 1) * weight * weight);
        var ofGroups = sums.Sum(group => Square(group.Sum - (group.Weight * mean))) * count / ((count - 1) * weight * weight);
        return Math.Max(ofItems, ofGroups);
    }

    private static double Square(double value) => value * value;
}
