namespace Sweep.Dashboard.Reading;

/// <summary>A mean of paired differences with a rough interval (items taken for independent): for what is shown before a sweep's summary is computed, or beside it.</summary>
/// <param name="Low">Null: the items say nothing of the spread.</param>
internal sealed record PairedEffect(double Mean, double? Low, double? High, int N)
{
    private const double Quantile = 1.959964;

    /// <summary>Null: no item.</summary>
    public static PairedEffect? Of(IReadOnlyList<(double Difference, double Weight)> items)
    {
        var total = items.Sum(item => item.Weight);
        if (items.Count == 0 || total <= 0)
            return null;
        if (items.All(item => item is { Weight: 1, Difference: -1 or 0 or 1 }))
            return OfVerdicts(items.Count(item => item.Difference > 0), items.Count(item => item.Difference < 0), items.Count);
        var mean = items.Sum(item => item.Difference * item.Weight) / total;
        // Of a weighted mean: each item's part in its variance.
        var variance = items.Count < 2 ? 0 : items.Sum(item => Math.Pow(item.Weight / total * (item.Difference - mean), 2)) * items.Count / (items.Count - 1);
        var half = Quantile * Math.Sqrt(variance);
        return half > 0 ? new PairedEffect(mean, mean - half, mean + half, items.Count) : new PairedEffect(mean, null, null, items.Count);
    }

    /// <summary>Of differences that weigh alike.</summary>
    public static PairedEffect? Of(IEnumerable<double> differences) => Of([.. differences.Select(difference => (difference, 1.0))]);

    /// <summary>Right or wrong before and after: Agresti and Min's interval, which has a width even where nothing changed.</summary>
    private static PairedEffect OfVerdicts(int better, int worse, int items)
    {
        var (gained, lost, all) = (better + 0.5, worse + 0.5, items + 2.0);
        var middle = (gained - lost) / all;
        var half = Quantile * Math.Sqrt(gained + lost - ((gained - lost) * (gained - lost) / all)) / all;
        return new PairedEffect((double)(better - worse) / items, Math.Max(-1, middle - half), Math.Min(1, middle + half), items);
    }
}
