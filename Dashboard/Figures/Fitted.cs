namespace Sweep.Dashboard.Figures;

/// <summary>Figures of more rows than anybody reads: of a sweep without controls, 100,000 jobs are hundreds of bottlenecks.</summary>
internal static class Fitted
{
    /// <summary>Rows of a map, and lines or bars of a plot.</summary>
    public const int MostRows = 40;

    /// <summary>Points of a plot.</summary>
    public const int MostPoints = 300;

    /// <summary>Names of rows that are drawn: of those with the smallest p, then the largest effect; before there is a p, the first ones, which do not change at every look.</summary>
    /// <param name="all">All, in their order.</param>
    /// <param name="nameOf">What stands together in a row.</param>
    /// <param name="worthOf">Smallest p and largest effect first; null: nothing is decided yet.</param>
    /// <param name="most">So many at the most.</param>
    public static HashSet<string> Names<T>(IReadOnlyCollection<T> all, Func<T, string> nameOf, Func<T, (double P, double Effect)?> worthOf, int most)
    {
        var names = all.GroupBy(nameOf, StringComparer.Ordinal).Select(group => (Name: group.Key, Worth: group.Select(worthOf).Min(worth => worth is var (p, effect) ? (p, -Math.Abs(effect)) : (2.0, 0.0)))).ToArray();
        return [.. (names.Length <= most ? names : names.OrderBy(one => one.Worth).Take(most)).Select(one => one.Name)];
    }

    /// <summary>The figure of those rows, with the table of all.</summary>
    /// <param name="all">All, in their order.</param>
    /// <param name="names">Of <see cref="Names"/>.</param>
    /// <param name="nameOf">What stands together in a row.</param>
    /// <param name="draw">Draws some of them.</param>
    public static Figure? Draw<T>(IReadOnlyList<T> all, HashSet<string> names, Func<T, string> nameOf, Func<IReadOnlyList<T>, Figure?> draw)
    {
        T[] drawn = [.. all.Where(one => names.Contains(nameOf(one)))];
        if (drawn.Length == all.Count || draw(drawn) is not { } figure)
            return draw(all);
        var count = all.Select(nameOf).Distinct(StringComparer.Ordinal).Count();
        return figure with
        {
            Caption = $"{figure.Caption} {names.Count} of {count} are drawn, those with the smallest p or the largest effect; before the sweep's end the first ones. The table and its file have all.",
            LaterTable = () => draw(all)!.Table,
        };
    }
}
