using Sweep.Models.Checkpoints;

namespace Sweep.Models.Identification;

/// <summary>
/// Groups of channels that move together over texts: k-means with k-means++ starts (Arthur and Vassilvitskii, SODA 2007) of every channel's time-means, each channel centred and scaled to
/// length 1, so that squared distance is 2 − 2 · correlation.
/// </summary>
public sealed record ChannelGroups
{
    private const int MostRounds = 100;

    /// <summary>Group of each channel, by size from the largest, equal sizes by their lowest channel; −1: the channel never changes.</summary>
    public required IReadOnlyList<int> Assignments { get; init; }

    /// <summary>Of each channel the correlation with its group's centre; null: it never changes.</summary>
    public required IReadOnlyList<double?> Closeness { get; init; }

    /// <summary>Sum over channels of squared distance to their centre.</summary>
    public required double Spread { get; init; }

    /// <summary>The best of so many starts; the same seed gives the same groups.</summary>
    /// <param name="timeMeans">[text][channel], at least one text.</param>
    /// <param name="count">Groups; fewer where fewer different channels are.</param>
    public static ChannelGroups Of(IReadOnlyList<double[]> timeMeans, int count, ulong seed, int starts = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var width = timeMeans[0].Length;
        var points = Enumerable.Range(0, width).Select(channel => Normalised([.. timeMeans.Select(text => text[channel])])).ToArray();
        int[] known = [.. Enumerable.Range(0, width).Where(channel => points[channel] is not null)];
        double[][] moving = [.. known.Select(channel => points[channel]!)];
        var generator = new SplitMix64(seed);
        var best = (Centres: Array.Empty<double[]>(), Nearest: Array.Empty<int>(), Spread: double.PositiveInfinity);
        for (var start = 0; start < starts && moving.Length > 0; start++)
        {
            var found = Run(moving, Start(moving, count, generator));
            if (found.Spread < best.Spread)
                best = found;
        }

        var assignments = Enumerable.Repeat(-1, width).ToArray();
        var closeness = new double?[width];
        var order = best.Nearest.Index().GroupBy(pair => pair.Item, pair => pair.Index).OrderByDescending(group => group.Count()).ThenBy(group => group.Min()).ToArray();
        foreach (var (group, members) in order.Index())
        {
            foreach (var member in members)
            {
                assignments[known[member]] = group;
                closeness[known[member]] = Correlation(moving[member], best.Centres[members.Key]);
            }
        }

        return new ChannelGroups { Assignments = assignments, Closeness = closeness, Spread = moving.Length == 0 ? 0 : best.Spread };
    }

    private static (double[][] Centres, int[] Nearest, double Spread) Run(double[][] points, double[][] centres)
    {
        var nearest = new int[points.Length];
        for (var round = 0; ; round++)
        {
            var next = points.Select(point => Nearest(point, centres)).ToArray();
            if (round > 0 && (next.SequenceEqual(nearest) || round == MostRounds))
                return (centres, next, points.Zip(next, (point, centre) => Distance(point, centres[centre])).Sum());
            nearest = next;
            centres = [.. centres.Select((centre, index) => Mean(points.Where((_, point) => nearest[point] == index)) ?? centre)];
        }
    }

    /// <summary>Each centre is a point drawn by its squared distance from the nearest earlier one.</summary>
    private static double[][] Start(double[][] points, int count, SplitMix64 generator)
    {
        var centres = new List<double[]> { points[(int)generator.Below((ulong)points.Length)] };
        while (centres.Count < count)
        {
            var distances = points.Select(point => centres.Min(centre => Distance(point, centre))).ToArray();
            var total = distances.Sum();
            if (total <= 1e-12)
                break;
            var drawn = (generator.Next() >> 11) / (double)(1UL << 53) * total;
            var at = 0;
            while (at < points.Length - 1 && (drawn -= distances[at]) >= 0)
                at++;
            centres.Add(points[at]);
        }

        return [.. centres];
    }

    private static int Nearest(double[] point, double[][] centres)
    {
        var best = 0;
        for (var centre = 1; centre < centres.Length; centre++)
        {
            if (Distance(point, centres[centre]) < Distance(point, centres[best]))
                best = centre;
        }

        return best;
    }

    private static double Distance(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }

    private static double[]? Mean(IEnumerable<double[]> points)
    {
        double[]? sum = null;
        var count = 0;
        foreach (var point in points)
        {
            sum ??= new double[point.Length];
            count++;
            for (var i = 0; i < sum.Length; i++)
                sum[i] += point[i];
        }

        return sum?.Select(value => value / count).ToArray();
    }

    /// <summary>Centred and of length 1; null where nothing is left.</summary>
    private static double[]? Normalised(double[] values)
    {
        var mean = values.Average();
        var length = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)));
        return length > 1e-12 * Math.Max(1, Math.Abs(mean)) ? [.. values.Select(value => (value - mean) / length)] : null;
    }

    private static double Correlation(double[] point, double[] centre)
    {
        var length = Math.Sqrt(centre.Sum(value => value * value));
        return length == 0 ? 0 : point.Zip(centre, (a, b) => a * b).Sum() / length;
    }
}
