using Sweep.Contracts.Plans;
using Sweep.Evaluation.Racing;
using Sweep.Execution.Summaries;

namespace Sweep.Execution.Planning.Search;

/// <summary>
/// A few scalars for every set, evenly spread where curves are, then in each round one more for each set on each benchmark: of those that were declared the one from which the curve through the
/// effects so far expects the largest improvement. All on the same items; nothing is dropped.
/// </summary>
internal sealed class CurveRule : IRoundRule
{
    /// <summary>An error of nothing: all items moved alike.</summary>
    private const double SmallestError = 1e-9;

    public int Items(SweepPlan stage, int selectionItems) => Math.Min(stage.Search!.Items ?? SearchPlan.UsualItems, selectionItems);

    public IReadOnlyList<double> First(SweepPlan stage, IReadOnlyList<double> steered)
    {
        var wanted = stage.Search!.First ?? SearchPlan.UsualFirst;
        if (steered.Count <= wanted)
            return steered;
        var (low, high) = (ResponseCurve.Place(steered[0]), ResponseCurve.Place(steered[^1]));

        // The ends by value, for scalars of one place may stand beside them; then from outside to inside.
        var left = steered.Skip(1).SkipLast(1).ToList();
        foreach (var place in Enumerable.Range(1, wanted - 2).Select(index => low + ((high - low) * index / (wanted - 1))).OrderByDescending(place => Math.Abs(place - ((low + high) / 2))))
            left.Remove(Nearest(left, place));
        return [.. steered.Except(left)];
    }

    public IReadOnlyList<double> Next(SweepPlan stage, IReadOnlyList<double> steered, SetStandings before)
    {
        double[] tried = [.. before.Steered.Select(standing => standing.Scalar!.Value)];
        double[] candidates = [.. steered.Except(tried)];
        if (candidates.Length == 0)
            return [.. tried.Order()];
        var identity = before.BestFirst.FirstOrDefault(standing => standing.IsIdentity)?.Scalar ?? 1;
        ResponsePoint[] points = [.. before.Steered.Where(standing => standing is { Effect: not null, Error: not null })
            .Select(standing => new ResponsePoint(standing.Scalar!.Value, standing.Effect!.Value, Math.Max(SmallestError, standing.Error!.Value)))];

        // Where everything diverged, or there is but one group of items, nothing is known: gently on.
        var proposed = points.Length == 0 ? Nearest(candidates, ResponseCurve.Place(identity)) : ResponseCurve.Fit(points, identity).Propose(candidates, 1)[0];
        return [.. tried.Append(proposed).Order()];
    }

    /// <summary>Of equally near ones the smaller.</summary>
    private static double Nearest(IEnumerable<double> scalars, double place) => scalars.OrderBy(scalar => Math.Abs(ResponseCurve.Place(scalar) - place)).ThenBy(scalar => scalar).First();
}
