namespace Sweep.Evaluation.Statistics;

/// <summary>
/// What the best of several configurations is worth without the luck that made it the best (winner's curse): groups are dealt into folds; for each fold the winner among the
/// other folds is chosen, and its effect measured on that fold, which had no part in the choice (Stone 1974; Varma and Simon 2006). It estimates the effect of choosing in
/// this way on (folds − 1) / folds of the groups.
/// </summary>
public sealed record CrossFittedWinner
{
    /// <summary>Index of the configuration with the largest mean; of equal ones the first.</summary>
    public required int Winner { get; init; }

    /// <summary>Its mean, on the items that it was chosen on.</summary>
    public required double Raw { get; init; }

    /// <summary>The cross-fitted mean; null with fewer than two groups, where no item is left to measure on.</summary>
    public required double? Corrected { get; init; }

    /// <summary>Cost: repeats · folds · configurations + repeats · configurations · groups.</summary>
    /// <param name="effects">By configuration: steered − baseline, one an item.</param>
    /// <param name="groups">One an item.</param>
    /// <param name="weights">Of each item in the means; null: 1 each.</param>
    /// <param name="folds">At most one a group.</param>
    /// <param name="repeats">Dealings over which the corrected mean is averaged.</param>
    public static CrossFittedWinner Of(
        IReadOnlyList<IReadOnlyList<double>> effects, IReadOnlyList<string> groups, long seed, IReadOnlyList<double>? weights = null, int folds = 10, int repeats = 20)
    {
        if (effects.Count == 0 || groups.Count == 0)
            throw new ArgumentException($"found {effects.Count} configurations of {groups.Count} items, expected at least one of each");
        if (folds < 2 || repeats < 1)
            throw new ArgumentOutOfRangeException(nameof(folds), folds, "expected at least two folds and one dealing");
        var sums = effects.Select(ofOne => GroupSums.Ordered(ofOne, groups, weights).Select(group => group.Sum).ToArray()).ToArray();
        var weightOf = GroupSums.Ordered(effects[0], groups, weights).Select(group => group.Weight).ToArray();
        var totals = sums.Select(ofOne => ofOne.Sum()).ToArray();
        var weight = weightOf.Sum();
        var winner = Largest(totals);
        var random = new SplitMix64(seed);
        var corrected = 0.0;
        for (var repeat = 0; repeat < repeats; repeat++)
            corrected += HeldOut(sums, totals, Deal(weightOf.Length, Math.Min(folds, weightOf.Length), ref random)) / weight;
        return new CrossFittedWinner { Winner = winner, Raw = totals[winner] / weight, Corrected = weightOf.Length < 2 ? null : corrected / repeats };
    }

    /// <summary>Σ over folds of the held-out sum of the configuration that is best on the rest.</summary>
    private static double HeldOut(double[][] sums, double[] totals, int[] foldOf)
    {
        var folds = foldOf.Max() + 1;
        var held = new double[folds, sums.Length];
        for (var one = 0; one < sums.Length; one++)
        {
            for (var group = 0; group < foldOf.Length; group++)
                held[foldOf[group], one] += sums[one][group];
        }

        var sum = 0.0;
        for (var fold = 0; fold < folds; fold++)
            sum += held[fold, Largest([.. totals.Select((total, one) => total - held[fold, one])])];
        return sum;
    }

    /// <summary>A fold for every group: sizes differ by at most one, order drawn (Fisher and Yates).</summary>
    private static int[] Deal(int groups, int folds, ref SplitMix64 random)
    {
        var foldOf = Enumerable.Range(0, groups).Select(group => group % folds).ToArray();
        for (var i = groups - 1; i > 0; i--)
        {
            var other = random.Below(i + 1);
            (foldOf[i], foldOf[other]) = (foldOf[other], foldOf[i]);
        }

        return foldOf;
    }

    /// <summary>Members of one set of groups have the same weight: the largest sum is the largest mean.</summary>
    private static int Largest(double[] sums) => Array.IndexOf(sums, sums.Max());
}
