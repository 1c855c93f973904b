using System.Globalization;
using Sweep.Contracts.Results;

namespace Sweep.Persistence.Reports.Html;

/// <summary>A scale of effects that holds all that is drawn on it, and 0, with round ticks.</summary>
public sealed class EffectAxis
{
    private readonly double _low;
    private readonly double _high;
    private readonly double _step;
    private readonly double _factor;

    /// <param name="unit">Shares are shown as points.</param>
    /// <param name="values">All that is to be seen.</param>
    /// <param name="ticks">About so many.</param>
    public EffectAxis(ScoreUnit unit, IEnumerable<double> values, int ticks)
    {
        _factor = unit == ScoreUnit.Share ? 100 : 1;
        var (low, high) = (0.0, 0.0);
        foreach (var value in values.Where(double.IsFinite))
            (low, high) = (Math.Min(low, value * _factor), Math.Max(high, value * _factor));
        if (high - low < 1e-9)
            (low, high) = (-1, 1);
        _step = Step((high - low) / ticks);
        (_low, _high) = (Math.Floor(low / _step) * _step, Math.Ceiling(high / _step) * _step);
    }

    public IEnumerable<(double Value, string Label)> Ticks()
    {
        for (var number = (int)Math.Round(_low / _step); number <= (int)Math.Round(_high / _step); number++)
            yield return (number * _step / _factor, ReportFigures.Signed(number * _step, _step >= 1 ? "0" : _step >= 0.1 ? "0.0" : "0.00"));
    }

    /// <summary>Where a value is between 0 and 1; what is beyond the ends is at them.</summary>
    public double At(double value) => Math.Clamp(((value * _factor) - _low) / (_high - _low), 0, 1);

    /// <summary>1, 2 or 5 times a power of ten, at least this.</summary>
    private static double Step(double least)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        foreach (var factor in (double[])[1, 2, 5])
        {
            if (factor * power >= least * 0.999)
                return double.Parse((factor * power).ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        }

        return 10 * power;
    }
}
