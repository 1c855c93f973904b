namespace Sweep.Evaluation.Statistics;

/// <summary>How small a true effect an experiment like this one could have found.</summary>
public static class DetectableEffect
{
    /// <summary>
    /// The smallest mean difference found with 80 % power at the two-sided 5 % level: (z₀.₉₇₅ + z₀.₈) standard errors of the mean paired difference, at most 1.
    /// For binary scores the squared error of one pair is ψ − Δ² (discordance less squared effect). It is never taken to be smaller than
    /// <list type="bullet">
    /// <item>the error between groups, where items of a group move together;</item>
    /// <item>that of G groups with discordance z²/(G + z²), Wilson's upper bound where none of G is discordant: that nothing moved says little about what could have.</item>
    /// </list>
    /// </summary>
    /// <param name="differences">Steered − baseline of scores in 0..1.</param>
    /// <param name="groups">One a difference.</param>
    public static double Minimum(IReadOnlyList<double> differences, IReadOnlyList<string> groups)
    {
        var sums = GroupSums.Of(differences, groups);
        double n = differences.Count, count = sums.Count;
        if (count < 2)
            return 1;
        var mean = sums.Sum(group => group.Sum) / n;
        var ofItems = differences.Sum(difference => Square(difference - mean)) / (n * (n - 1));
        var ofGroups = sums.Sum(group => Square(group.Sum - (group.Weight * mean))) * count / ((count - 1) * n * n);
        var ofQuiet = PairedTests.Wilson(0, sums.Count).High / count;
        var error = Math.Sqrt(Math.Max(ofQuiet, Math.Max(ofItems, ofGroups)));
        return Math.Min(1, (StandardNormal.TwoSided95 + StandardNormal.Power80) * error);
    }

    private static double Square(double value) => value * value;
}
