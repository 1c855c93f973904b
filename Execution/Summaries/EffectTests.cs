using Sweep.Contracts.Results;
using Sweep.Evaluation.Statistics;

namespace Sweep.Execution.Summaries;

/// <summary>Which test and which interval a series of paired scores gets.</summary>
internal static class EffectTests
{
    /// <summary>Bootstrap draws of a row; of a cell, of which there may be thousands, fewer.</summary>
    public const int RowDraws = BcaBootstrap.DefaultDraws;

    public const int CellDraws = 1_999;

    private const double NoWidth = 1e-12;

    /// <summary>Of no effect, two-sided; null without an item.</summary>
    public static double? P(PairedSeries series, bool isBinary, long seed) => series.N == 0 ? null
        : isBinary && series.IsOneEach ? PairedTests.McNemar(series.RightToWrong, series.WrongToRight)
        : SignFlipTest.P(series.Differences, series.GroupNames, seed, series.Weights);

    /// <summary>See <see cref="SummaryRow.EffectLow"/>.</summary>
    public static (double? Low, double? High) Interval(PairedSeries series, ScoreUnit unit, bool isBinary, long seed, int draws)
    {
        if (series.N == 0)
            return (null, null);
        if (isBinary && series.IsOneEach)
            return TangoInterval.Of(series.WrongToRight, series.RightToWrong, series.N);
        if (series.Groups < 2)
            return (null, null);
        var (low, high) = BcaBootstrap.Interval(series.Differences, series.GroupNames, seed, series.Weights, draws: draws);
        if (unit != ScoreUnit.Share || high - low > NoWidth)
            return (low, high);

        // Groups that all moved alike: as if none of so many pairs had been discordant.
        var quiet = TangoInterval.Of(0, 0, series.Groups);
        return (Math.Max(-1, low + quiet.Low), Math.Min(1, high + quiet.High));
    }

    /// <summary>Of "the effect is −margin or less"; 1 without an item.</summary>
    public static double NotWorse(PairedSeries series, ScoreUnit unit, bool isBinary, double margin) => isBinary && series.IsOneEach
        ? EquivalenceTest.NotWorse(series.WrongToRight, series.RightToWrong, series.N, margin)
        : IsQuiet(series, unit)
            ? EquivalenceTest.NotWorse(0, 0, series.Groups, margin)
            : EquivalenceTest.NotWorse(series.Differences, series.GroupNames, margin, series.Weights);

    /// <summary>Of "the effect is beyond the margin", either way.</summary>
    public static double Equivalent(PairedSeries series, ScoreUnit unit, bool isBinary, double margin) => isBinary && series.IsOneEach
        ? EquivalenceTest.Equivalent(series.WrongToRight, series.RightToWrong, series.N, margin)
        : IsQuiet(series, unit)
            ? EquivalenceTest.Equivalent(0, 0, series.Groups, margin)
            : EquivalenceTest.Equivalent(series.Differences, series.GroupNames, margin, series.Weights);

    /// <summary>An interval whose ends are so many times as far from the effect; of a share within −1..1. As it is where it is not to be widened.</summary>
    public static (double? Low, double? High) Widened((double? Low, double? High) interval, double effect, ScoreUnit unit, double widening)
    {
        if (widening == 1)
            return interval;
        var (least, most) = unit == ScoreUnit.Share ? (-1, 1) : (double.NegativeInfinity, double.PositiveInfinity);
        return (
            interval.Low is { } low ? Math.Max(least, effect - (widening * (effect - low))) : null,
            interval.High is { } high ? Math.Min(most, effect + (widening * (high - effect))) : null);
    }

    /// <summary>Better or worse only after correction for the family; equivalent whatever p is: an effect that does not matter is none, however sure.</summary>
    public static EffectVerdict Verdict(double effect, double familyP, double equivalentP) =>
        equivalentP <= 0.05 ? EffectVerdict.Equivalent
        : familyP > 0.05 ? EffectVerdict.Undecided
        : effect > 0 ? EffectVerdict.Better
        : EffectVerdict.Worse;

    /// <summary>A share of which nothing moved has no spread that a t-test could use.</summary>
    private static bool IsQuiet(PairedSeries series, ScoreUnit unit) => unit == ScoreUnit.Share && series.Differences.All(difference => difference == 0);
}
