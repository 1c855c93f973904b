namespace Sweep.Evaluation.Statistics;

/// <summary>One row of a family: an effect, and those of its controls in their order, −∞ for what diverged.</summary>
public sealed record ControlledEffect(double Effect, IReadOnlyList<double> Controls);

/// <summary>
/// Ranks among random controls, corrected for the number of rows: the k-th controls of all rows are what a sweep without any bottleneck to find might have shown, and a row's
/// effect is compared with the largest of each such null sweep. Effects are standardised by row, with mean and standard deviation over the row's own effect and its controls
/// alike: where the bottlenecks are random sets themselves, every sweep is as likely to hold the largest, and the chance of any corrected p ≤ α is at most α.
/// </summary>
public static class NullSweeps
{
    /// <summary>In standard deviations: effects closer than this are ties, which count against the row.</summary>
    private const double Rounding = 1e-10;

    /// <summary>No corrected p is smaller: 1 / (sweeps + 1).</summary>
    public static double SmallestP(int sweeps) => 1.0 / (sweeps + 1);

    /// <summary>The fewest null sweeps with which a corrected p can be at most the level: 19 for 5 %.</summary>
    public static int Fewest(double level = 0.05) => (int)Math.Ceiling((1 / level) - 1 - 1e-9);

    /// <summary>(1 + null sweeps whose largest standardised effect reaches the row's) / (null sweeps + 1), in the family's order. 1 for an effect of −∞.</summary>
    /// <param name="family">All with equally many controls.</param>
    public static IReadOnlyList<double> CorrectedP(IReadOnlyList<ControlledEffect> family)
    {
        if (family.Count == 0)
            return [];
        var sweeps = family[0].Controls.Count;
        if (family.Any(row => row.Controls.Count != sweeps))
            throw new ArgumentException($"found {string.Join(", ", family.Select(row => row.Controls.Count).Distinct())} controls, expected as many of every row");
        var standardised = family.Select(Standardised).ToArray();
        var largest = Enumerable.Range(0, sweeps).Select(sweep => standardised.Max(row => row[sweep + 1])).ToArray();
        return [.. standardised.Select(row => double.IsNegativeInfinity(row[0]) ? 1 : (1.0 + largest.Count(maximum => maximum >= row[0] - Rounding)) / (sweeps + 1))];
    }

    /// <summary>The row's own effect first; 0 each where nothing differs.</summary>
    private static double[] Standardised(ControlledEffect row)
    {
        double[] effects = [row.Effect, .. row.Controls];
        var finite = effects.Where(double.IsFinite).ToArray();
        if (finite.Length == 0)
            return effects;
        var mean = finite.Average();
        var deviation = Math.Sqrt(finite.Sum(effect => (effect - mean) * (effect - mean)) / finite.Length);
        return [.. effects.Select(effect => double.IsFinite(effect) ? (deviation > 0 ? (effect - mean) / deviation : 0) : double.NegativeInfinity)];
    }
}
