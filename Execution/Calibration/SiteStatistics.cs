using Sweep.Execution.Residency;

namespace Sweep.Execution.Calibration;

/// <summary>One site of one layer over the calibration text, a value a channel.</summary>
internal sealed record SiteStatistics
{
    /// <summary>Mean over texts of the mean over positions.</summary>
    public required IReadOnlyList<double> Means { get; init; }

    /// <summary>Population variance over texts of the mean over positions: the score of arXiv 2602.22719.</summary>
    public required IReadOnlyList<double> Variances { get; init; }

    /// <summary>Mean over texts of the mean over positions of the square.</summary>
    public required IReadOnlyList<double> Squares { get; init; }

    /// <param name="texts">One a text; summed in this order, in double precision.</param>
    public static SiteStatistics Of(IReadOnlyList<TimeMoments> texts)
    {
        var width = texts[0].Means.Length;
        var (means, variances, squares) = (new double[width], new double[width], new double[width]);
        for (var channel = 0; channel < width; channel++)
        {
            var (sum, sumOfSquares) = (0.0, 0.0);
            foreach (var text in texts)
            {
                sum += text.Means[channel];
                sumOfSquares += text.Squares[channel];
            }

            var mean = sum / texts.Count;
            var spread = 0.0;
            foreach (var text in texts)
                spread += (text.Means[channel] - mean) * (text.Means[channel] - mean);
            means[channel] = mean;
            variances[channel] = spread / texts.Count;
            squares[channel] = sumOfSquares / texts.Count;
        }

        return new SiteStatistics { Means = means, Variances = variances, Squares = squares };
    }

    /// <summary>The channels of highest variance, ascending by number; among equals the lower number wins.</summary>
    public int[] Top(int count) =>
        [.. Enumerable.Range(0, Variances.Count).OrderByDescending(channel => Variances[channel]).ThenBy(channel => channel).Take(count).Order()];
}
