namespace Sweep.Evaluation.Statistics;

/// <summary>p-values corrected for their number m. A finding is a corrected p of at most the level.</summary>
public static class AdjustedP
{
    /// <summary>
    /// Holm (1979): the i-th smallest p (i from 1) times m − i + 1, at least that of the smaller ones, at most 1. Holds the chance of any false finding, whatever the dependence.
    /// </summary>
    /// <returns>In the order of the input. Cost: m log m.</returns>
    public static IReadOnlyList<double> Holm(IReadOnlyList<double> p)
    {
        var order = Ascending(p);
        var adjusted = new double[p.Count];
        var largest = 0.0;
        for (var i = 0; i < order.Length; i++)
            adjusted[order[i]] = largest = Math.Max(largest, Math.Min(1, p[order[i]] * (p.Count - i)));
        return adjusted;
    }

    /// <summary>
    /// Benjamini and Hochberg (1995): the i-th smallest p times m / i, at most that of the larger ones, at most 1. Holds the expected share of false findings where tests are
    /// independent or positively dependent.
    /// </summary>
    /// <returns>In the order of the input. Cost: m log m.</returns>
    public static IReadOnlyList<double> BenjaminiHochberg(IReadOnlyList<double> p)
    {
        var order = Ascending(p);
        var adjusted = new double[p.Count];
        var smallest = 1.0;
        for (var i = order.Length - 1; i >= 0; i--)
            adjusted[order[i]] = smallest = Math.Min(smallest, p[order[i]] * ((double)p.Count / (i + 1)));
        return adjusted;
    }

    private static int[] Ascending(IReadOnlyList<double> p)
    {
        foreach (var value in p)
        {
            if (value is not (>= 0 and <= 1))
                throw new ArgumentOutOfRangeException(nameof(p), value, "expected p-values of 0 to 1");
        }

        return [.. Enumerable.Range(0, p.Count).OrderBy(i => p[i])];
    }
}
