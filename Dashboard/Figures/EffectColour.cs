using System.Globalization;
using Sweep.Contracts.Results;
using Sweep.Persistence.Reports;

namespace Sweep.Dashboard.Figures;

/// <summary>Nine steps from harm (orange) over nothing to gain (blue): a scale that the colour-blind can tell apart, with 0 in its middle. Sign and figure stand in the cell beside it.</summary>
internal static class EffectColour
{
    /// <summary>Class of a cell: "h4" to "h1", "z", "g1" to "g4", "none" where nothing is known.</summary>
    public static string Of(ScoreUnit unit, double? effect)
    {
        if (effect is not { } value || !double.IsFinite(value))
            return "none";
        var step = Bounds(unit).Count(bound => Math.Abs(value) >= bound);
        return step == 0 ? "z" : $"{(value > 0 ? 'g' : 'h')}{step}";
    }

    /// <summary>Where the steps are, in a reader's unit: "1, 5, 15 and 30 points".</summary>
    public static string Steps(ScoreUnit unit)
    {
        string[] steps = [.. Bounds(unit).Select(bound => (unit == ScoreUnit.Share ? 100 * bound : bound).ToString("0.###", CultureInfo.InvariantCulture))];
        return $"{string.Join(", ", steps[..^1])} and {steps[^1]} {ReportFigures.UnitOf(unit)}";
    }

    private static double[] Bounds(ScoreUnit unit) => unit switch
    {
        ScoreUnit.Share => [0.01, 0.05, 0.15, 0.30],
        ScoreUnit.NatsAnItem => [0.05, 0.25, 1, 2],
        _ => [0.005, 0.05, 0.2, 0.5],
    };
}
