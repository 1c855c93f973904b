namespace Sweep.Execution.Summaries;

/// <summary>Chooses a scalar on the selection split.</summary>
internal static class ScalarChoice
{
    /// <summary>
    /// Index of the highest statistic; among equals the scalar nearest to <paramref name="identity"/>, then the smaller. A candidate without a statistic (an item diverged) never wins.
    /// </summary>
    /// <param name="candidates">Scalar and statistic; a null scalar (an ablation) is the only candidate.</param>
    /// <param name="identity">1, or 0 for a bottleneck that only adds.</param>
    public static int Best(IReadOnlyList<(double? Scalar, double? Statistic)> candidates, double identity)
    {
        var best = -1;
        for (var index = 0; index < candidates.Count; index++)
        {
            if (candidates[index].Statistic is null)
                continue;
            if (best < 0 || IsBetter(candidates[index], candidates[best], identity))
                best = index;
        }

        if (best >= 0)
            return best;

        // Everything diverged, the baseline included, or there is only one candidate: the one nearest to doing nothing.
        return candidates.Index().MinBy(pair => Math.Abs((pair.Item.Scalar ?? identity) - identity)).Index;
    }

    private static bool IsBetter((double? Scalar, double? Statistic) one, (double? Scalar, double? Statistic) other, double identity)
    {
        if (one.Statistic != other.Statistic)
            return one.Statistic > other.Statistic;
        var distance = Math.Abs((one.Scalar ?? identity) - identity);
        var otherDistance = Math.Abs((other.Scalar ?? identity) - identity);
        return distance != otherDistance ? distance < otherDistance : one.Scalar < other.Scalar;
    }
}
