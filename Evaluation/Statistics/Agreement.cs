using MathNet.Numerics.Statistics;

namespace Sweep.Evaluation.Statistics;

/// <summary>How far two choices, or two rankings, are the same.</summary>
public static class Agreement
{
    /// <summary>Members of both over members of either; 1 of two empty sets.</summary>
    public static double Jaccard(IReadOnlyCollection<int> a, IReadOnlyCollection<int> b)
    {
        var both = a.Intersect(b).Count();
        var either = a.Union(b).Count();
        return either == 0 ? 1 : (double)both / either;
    }

    /// <summary>Spearman's rank correlation over the places where both have a value, ties with their mean rank; null where fewer than two are left or one never changes.</summary>
    public static double? Spearman(IReadOnlyList<double?> a, IReadOnlyList<double?> b)
    {
        if (a.Count != b.Count)
            throw new ArgumentException($"{a.Count} and {b.Count} values, expected as many");
        var both = a.Zip(b).Where(pair => pair.First is not null && pair.Second is not null).ToArray();
        if (both.Length < 2)
            return null;
        var correlation = Correlation.Spearman(both.Select(pair => pair.First!.Value), both.Select(pair => pair.Second!.Value));
        return double.IsFinite(correlation) ? correlation : null;
    }
}
