namespace Sweep.Dashboard.Reading;

/// <summary>A mean of paired differences with a rough interval (normal, items taken for independent): for what is shown before a sweep's summary is computed, or beside it.</summary>
/// <param name="Low">Null with fewer than two items.</param>
internal sealed record PairedEffect(double Mean, double? Low, double? High, int N)
{
    private const double Quantile = 1.959964;

    /// <summary>Null: no item.</summary>
    public static PairedEffect? Of(IReadOnlyList<(double Difference, double Weight)> items)
    {
        var total = items.Sum(item => item.Weight);
        if (items.Count == 0 || total <= 0)
            return null;
        var mean = items.Sum(item => item.Difference * item.Weight) / total;
        if (items.Count < 2)
            return new PairedEffect(mean, null, null, items.Count);
        // Of a weighted mean: each item's part in its variance.
        var variance = items.Sum(item => Math.Pow(item.Weight / total * (item.Difference - mean), 2)) * items.Count / (items.Count - 1);
        var half = Quantile * Math.Sqrt(variance);
        return new PairedEffect(mean, mean - half, mean + half, items.Count);
    }

    /// <summary>Of differences that weigh alike.</summary>
    public static PairedEffect? Of(IEnumerable<double> differences) => Of([.. differences.Select(difference => (difference, 1.0))]);
}
