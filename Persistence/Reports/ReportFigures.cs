using System.Globalization;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Persistence.Reports;

/// <summary>Numbers and words as every format of a report has them: plain text, a hyphen for minus.</summary>
public static class ReportFigures
{
    public const string None = "-";

    public static string Scalar(double? value) => value is { } scalar ? scalar.ToString("G4", CultureInfo.InvariantCulture) : "ablated";

    /// <summary>Percent, or nats.</summary>
    public static string Score(ScoreUnit unit, double value) => (unit == ScoreUnit.Share ? 100 * value : value).ToString(Format(unit), CultureInfo.InvariantCulture);

    /// <summary>Points, or nats.</summary>
    public static string Effect(ScoreUnit unit, double? value) => value is { } effect ? Signed(unit == ScoreUnit.Share ? 100 * effect : effect, Format(unit)) : None;

    public static string Interval(ScoreUnit unit, double? low, double? high) => low is null || high is null ? None : $"{Effect(unit, low)} to {Effect(unit, high)}";

    public static string UnitOf(ScoreUnit unit) => unit == ScoreUnit.Share ? "points" : "nats";

    public static string Nats(double? value) => value is { } nats ? Signed(nats, "0.00") : None;

    public static string P(double? value) => value switch
    {
        null => None,
        < 0.001 => "<0.001",
        { } p => p.ToString("0.000", CultureInfo.InvariantCulture),
    };

    public static string Percent(double? share) => share is { } part ? (100 * part).ToString("0.0", CultureInfo.InvariantCulture) + " %" : None;

    public static string Change(double? share) => share is { } part ? Signed(100 * part, "0.0") + " %" : None;

    public static string Perplexity(double? value) => value is { } found ? found.ToString(found < 1000 ? "0.00" : "0.0e+0", CultureInfo.InvariantCulture) : None;

    public static string Mean(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    public static string Whole(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Rank(SummaryRow row) => row.ControlRank is { } rank ? $"{Whole(rank)} of {Whole(row.Controls + 1)}" : None;

    public static string RankP(SummaryRow row) => row.RankOnly ? "rank only" : P(row.ControlCorrectedP);

    public static string Verdict(EffectVerdict? verdict) => verdict is { } said ? said.ToString().ToLowerInvariant() : "not measured";

    public static string Metric(string metric) => metric.Replace('_', ' ');

    /// <summary>"2 points" or "0.1 nats".</summary>
    public static string Smallest(SmallestEffectPlan smallest, ScoreUnit unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{(unit == ScoreUnit.Share ? smallest.Points : smallest.Nats)} {UnitOf(unit)}");

    public static string Kind(ControlKind kind) => kind switch
    {
        ControlKind.NormMatched => "random, matched in norm",
        ControlKind.VarianceMatched => "random, matched in variance",
        ControlKind.Complement => "all other channels",
        ControlKind.EqualNorm => "all channels at equal norm",
        ControlKind.OtherLayer => "same channels, other layers",
        ControlKind.OtherChannels => "other channels, same layer",
        _ => "random",
    };

    public static string Signed(double value, string format) => value.ToString($"+{format};-{format};{format}", CultureInfo.InvariantCulture);

    private static string Format(ScoreUnit unit) => unit switch { ScoreUnit.Share => "0.0", ScoreUnit.NatsAToken => "0.000", _ => "0.00" };
}
