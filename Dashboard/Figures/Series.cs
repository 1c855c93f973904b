namespace Sweep.Dashboard.Figures;

/// <summary>Long series as figures draw them: with no more points than can be told apart.</summary>
internal static class Series
{
    /// <summary>Of one series in one figure.</summary>
    public const int Most = 300;

    /// <summary>
    /// The series itself where it is short; else its first and last point and of every stretch between them the lowest and the highest, so that no extreme is hidden and none is made up.
    /// </summary>
    /// <param name="points">In the order in which they are drawn.</param>
    /// <param name="value">What is low or high.</param>
    /// <param name="isKept">Points that stay in any case, of which there are few: each takes the place of a stretch's.</param>
    /// <param name="most">At most so many points are left, at least 4 and those that are kept.</param>
    public static T[] Thin<T>(IReadOnlyList<T> points, Func<T, double> value, Func<T, bool>? isKept = null, int most = Most)
    {
        if (points.Count <= most)
            return [.. points];
        var chosen = new SortedSet<int>(Enumerable.Range(0, points.Count).Where(index => isKept?.Invoke(points[index]) == true)) { 0, points.Count - 1 };
        var stretches = Math.Max(1, (most - chosen.Count) / 2);
        for (var stretch = 0; stretch < stretches; stretch++)
        {
            var inside = Enumerable.Range(From(stretch), From(stretch + 1) - From(stretch));
            chosen.Add(inside.MinBy(index => value(points[index])));
            chosen.Add(inside.MaxBy(index => value(points[index])));
        }

        return [.. chosen.Select(index => points[index])];

        // All points are in one stretch each; there are more of them than stretches.
        int From(int stretch) => (int)((long)stretch * points.Count / stretches);
    }
}
