namespace Sweep.Execution.Calibration;

/// <summary>One site of one layer over the calibration text, a value a channel.</summary>
internal sealed record SiteStatistics
{
    /// <summary>Mean over texts of the mean over positions.</summary>
    public required IReadOnlyList<double> Means { get; init; }

    /// <summary>Population variance over texts of the mean over positions: the score of arXiv 2602.22719.</summary>
    public required IReadOnlyList<double> Variances { get; init; }

    /// <param name="timeMeans">[text][channel]; summed in this order, in double precision.</param>
    public static SiteStatistics Of(IReadOnlyList<double[]> timeMeans)
    {
        var width = timeMeans[0].Length;
        var means = new double[width];
        var variances = new double[width];
        for (var channel = 0; channel < width; channel++)
        {
            var sum = 0.0;
            foreach (var text in timeMeans)
                sum += text[channel];
            var mean = sum / timeMeans.Count;
            var squares = 0.0;
            foreach (var text in timeMeans)
                squares += (text[channel] - mean) * (text[channel] - mean);
            means[channel] = mean;
            variances[channel] = squares / timeMeans.Count;
        }

        return new SiteStatistics { Means = means, Variances = variances };
    }

    /// <summary>The channels of highest variance, ascending by number; among equals the lower number wins.</summary>
    public int[] Top(int count) =>
        [.. Enumerable.Range(0, Variances.Count).OrderByDescending(channel => Variances[channel]).ThenBy(channel => channel).Take(count).Order()];
}
