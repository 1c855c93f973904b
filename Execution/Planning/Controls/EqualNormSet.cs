using System.Globalization;
using Sweep.Contracts.Plans;
using Sweep.Models.Steering;

namespace Sweep.Execution.Planning.Controls;

/// <summary>
/// All channels of the site with one factor, by which its output gets the norm that the bottleneck's scalar gives it over the calibration text: α_u = √((α² Q_S + Q_rest) / Q),
/// Q the mean square summed over channels. Where it does as much, size is all that mattered.
/// </summary>
internal static class EqualNormSet
{
    /// <summary>Only of one part that scales some of its channels. Factors have six significant digits.</summary>
    public static IEnumerable<DrawnControl> Of(ControlledBottleneck bottleneck)
    {
        if (bottleneck.Parts is not [{ Operation: Operation.Scale } part] || bottleneck.Own[0].Length == part.Width)
            return [];
        var squares = bottleneck.Squares(0);
        var total = squares.Sum();
        if (!(total > 0))
            return [];
        var share = bottleneck.Own[0].Sum(channel => squares[channel]) / total;
        double[] factors = [.. bottleneck.Bottleneck.Scalars.Select(scalar => Factor(scalar, share)).Distinct().Order()];
        return [new DrawnControl { Kind = ControlKind.EqualNorm, Recipe = "all, to the same norm", Channels = [[.. Enumerable.Range(0, part.Width)]], Scalars = factors }];
    }

    private static double Factor(double scalar, double share) => Math.Abs(scalar) == 1
        ? 1
        : double.Parse(Math.Sqrt((scalar * scalar * share) + (1 - share)).ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
