namespace Sweep.Evaluation.Statistics;

/// <summary>Paired differences added up by group: items of one passage are not independent, whole groups are.</summary>
internal static class GroupSums
{
    /// <summary>Σ weight · difference and Σ weight of each group, in the order of the groups' first items.</summary>
    /// <param name="weights">Null: 1 each.</param>
    public static IReadOnlyList<(double Sum, double Weight)> Of(IReadOnlyList<double> differences, IReadOnlyList<string> groups, IReadOnlyList<double>? weights = null)
    {
        Check(differences, groups, weights);
        var sums = new List<(double Sum, double Weight)>();
        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < differences.Count; i++)
        {
            if (!index.TryGetValue(groups[i], out var at))
            {
                at = index[groups[i]] = sums.Count;
                sums.Add((0, 0));
            }

            var weight = weights?[i] ?? 1;
            sums[at] = (sums[at].Sum + (weight * differences[i]), sums[at].Weight + weight);
        }

        return sums;
    }

    /// <summary>
    /// The same by ordinal order of the groups' names, each added up in ascending order of its terms: a function of the items, not of their order. What is not finite is
    /// refused: a NaN compares as no draw does, and would look like a finding.
    /// </summary>
    /// <param name="weights">Null: 1 each.</param>
    public static IReadOnlyList<(string Group, double Sum, double Weight)> Ordered(
        IReadOnlyList<double> differences, IReadOnlyList<string> groups, IReadOnlyList<double>? weights = null)
    {
        Check(differences, groups, weights);
        for (var i = 0; i < differences.Count; i++)
        {
            if (!double.IsFinite(differences[i]) || (weights is not null && !(weights[i] > 0 && double.IsFinite(weights[i]))))
                throw new ArgumentException($"item {i}: found difference {differences[i]}, weight {weights?[i] ?? 1}, expected a finite difference and a weight above 0");
        }

        return
        [
            .. Enumerable.Range(0, differences.Count)
                .GroupBy(i => groups[i], StringComparer.Ordinal)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => (group.Key, group.Select(i => (weights?[i] ?? 1) * differences[i]).Order().Sum(), group.Select(i => weights?[i] ?? 1).Order().Sum())),
        ];
    }

    private static void Check(IReadOnlyList<double> differences, IReadOnlyList<string> groups, IReadOnlyList<double>? weights)
    {
        if (differences.Count != groups.Count || (weights is not null && weights.Count != differences.Count))
            throw new ArgumentException($"{differences.Count} differences, {groups.Count} groups, {weights?.Count ?? differences.Count} weights");
    }
}
