namespace Sweep.Evaluation.Statistics;

/// <summary>How small a true effect an experiment like this one could have found.</summary>
public static class DetectableEffect
{
    /// <summary>
    /// The smallest mean difference found with 80 % power at the two-sided 5 % level: (z₀.₉₇₅ + z₀.₈) standard errors (<see cref="PairedError"/>) of the mean paired
    /// difference, at most 1.
    /// </summary>
    /// <param name="differences">Steered − baseline of scores in 0..1.</param>
    /// <param name="groups">One a difference.</param>
    /// <param name="weights">Of each difference in the mean; null: 1 each.</param>
    public static double Minimum(IReadOnlyList<double> differences, IReadOnlyList<string> groups, IReadOnlyList<double>? weights = null) =>
        Math.Min(1, (StandardNormal.TwoSided95 + StandardNormal.Power80) * PairedError.Of(differences, groups, weights));
}
