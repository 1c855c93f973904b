namespace Sweep.Execution.Summaries;

/// <summary>Chooses a scalar on the selection split.</summary>
internal static class ScalarChoice
{
    /// <summary>
    /// Index of the highest statistic; among equals the scalar nearest to <paramref name="identity"/>, then the smaller. A candidate without a statistic (an item diverged) never wins,
    /// unless none has one: then it is the one nearest to doing nothing.
    /// </summary>
    /// <param name="candidates">Scalar and statistic; a null scalar (an ablation) is the only candidate.</param>
    /// <param name="identity">1, or 0 for a bottleneck that only adds.</param>
    public static int Best(IReadOnlyList<(double? Scalar, double? Statistic)> candidates, double identity) => BestFirst(candidates, identity)[0];

    /// <summary>Indices in that order.</summary>
    public static IReadOnlyList<int> BestFirst(IReadOnlyList<(double? Scalar, double? Statistic)> candidates, double identity) =>
    [
        .. candidates.Index()
            .OrderByDescending(candidate => candidate.Item.Statistic)
            .ThenBy(candidate => Math.Abs((candidate.Item.Scalar ?? identity) - identity))
            .ThenBy(candidate => candidate.Item.Scalar)
            .Select(candidate => candidate.Index),
    ];
}
