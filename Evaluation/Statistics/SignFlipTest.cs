namespace Sweep.Evaluation.Statistics;

/// <summary>
/// Paired sign-flip permutation test of group sums (Fisher 1935, section 21): without an effect each group's Σ (steered − baseline) is as likely to have the other sign.
/// The statistic is |Σ over groups|, two-sided. Groups, not items, are flipped: items of one passage are not independent. With one item a group and binary scores it is
/// the exact McNemar test.
/// </summary>
public static class SignFlipTest
{
    public const int DefaultDraws = 9_999;

    /// <summary>Sums that count whole answers have an exact distribution up to this total; it is stepped through once a group.</summary>
    private const int LargestTotal = 100_000;

    /// <summary>Relative to Σ |sum|: statistics closer than this are the same one, rounded differently.</summary>
    private const double Rounding = 1e-12;

    /// <summary>
    /// The p-value, exact where sums are whole numbers or all flips fit into the draws, else from seeded draws. It does not depend on the order of items. 1 where nothing
    /// moved or there is no item. Cost: groups · Σ |sum| of whole sums, else groups · draws.
    /// </summary>
    /// <param name="groups">One a difference.</param>
    /// <param name="weights">Of each difference in its group's sum; null: 1 each.</param>
    public static double P(
        IReadOnlyList<double> differences, IReadOnlyList<string> groups, long seed, IReadOnlyList<double>? weights = null, int draws = DefaultDraws)
    {
        var sums = GroupSums.Ordered(differences, groups, weights).Select(group => group.Sum).Where(sum => sum != 0).ToArray();
        if (sums.Length == 0)
            return 1;
        // Flips are symmetric: only magnitudes matter, in an order of their own.
        var sizes = sums.Select(Math.Abs).Order().ToArray();
        var total = sizes.Sum();
        var observed = Math.Abs(sums.OrderBy(Math.Abs).ThenBy(sum => sum).Sum());
        return total <= LargestTotal && sizes.All(double.IsInteger)
            ? OfWholeSums(sizes, (int)total, (int)observed)
            : OfFlips(sizes, observed - (Rounding * total), new SignPatterns(sizes.Length, draws, seed));
    }

    /// <summary>The distribution of Σ ± size by adding one group at a time; index s is the sum 2s − total.</summary>
    private static double OfWholeSums(double[] sizes, int total, int observed)
    {
        var probability = new double[total + 1];
        probability[0] = 1;
        var reach = 0;
        foreach (var size in sizes.Select(size => (int)size))
        {
            for (var s = reach + size; s >= 0; s--)
                probability[s] = 0.5 * ((s <= reach ? probability[s] : 0) + (s >= size ? probability[s - size] : 0));
            reach += size;
        }

        var tail = 0.0;
        for (var s = 0; (2 * s) - total <= -observed; s++)
            tail += probability[s];
        return Math.Min(1, 2 * tail);
    }

    private static double OfFlips(double[] sizes, double threshold, SignPatterns patterns)
    {
        var reached = 0;
        for (var i = 0; i < patterns.Count; i++)
        {
            var sum = 0.0;
            var flipped = patterns.Next(i);
            for (var group = 0; group < sizes.Length; group++)
                sum += flipped[group] ? -sizes[group] : sizes[group];
            if (Math.Abs(sum) >= threshold)
                reached++;
        }

        return patterns.P(reached);
    }
}
