using System.Globalization;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Output;

/// <summary>Numbers as the terminal shows them.</summary>
internal static class Figures
{
    /// <summary>The metric of benchmarks that are not generated: gold log-likelihood, nats an item.</summary>
    public const string LogLikelihood = "log_likelihood";

    public static string Scalar(double? value) => value is { } scalar ? scalar.ToString("G4", CultureInfo.InvariantCulture) : "-";

    /// <summary>A mean of the metric: percent, or nats.</summary>
    public static string Score(string metric, double value) =>
        metric == LogLikelihood ? value.ToString("0.00", CultureInfo.InvariantCulture) : (100 * value).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>A difference of the metric: points, or nats.</summary>
    public static string Effect(string metric, double value) => metric == LogLikelihood ? Signed(value, "0.00") : Signed(100 * value, "0.0");

    public static string Interval(SummaryRow row) => row is { Verdict: not null, EffectLow: { } low, EffectHigh: { } high } ? Interval(row.Metric, low, high) : "-";

    public static string Interval(string metric, double low, double high) => $"{Effect(metric, low)}..{Effect(metric, high)}";

    public static string LogLikelihoodEffect(double? nats) => nats is { } gain ? Signed(gain, "0.00") : "-";

    /// <summary>A row without a verdict is one that chose the unsteered model.</summary>
    public static string Verdict(EffectVerdict? verdict) => verdict is { } said ? said.ToString().ToLowerInvariant() : "unsteered";

    /// <summary>The p of a rank, corrected for all rows, where it could have been small.</summary>
    public static string RankP(SummaryRow row) => row.RankOnly ? "rank only" : P(row.ControlCorrectedP);

    public static string P(double? value) => value switch
    {
        null => "-",
        < 0.001 => "<0.001",
        { } p => p.ToString("0.000", CultureInfo.InvariantCulture),
    };

    public static string Rank(SummaryRow row) => row.ControlRank is { } rank ? $"{rank}/{row.Controls + 1}" : "-";

    public static string PerplexityChange(double? change) => change is { } share ? Signed(100 * share, "0.0") + "%" : "-";

    public static string Perplexity(double? value) => value switch
    {
        null => "-",
        < 100 => value.Value.ToString("0.00", CultureInfo.InvariantCulture),
        < 10_000 => value.Value.ToString("0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0e0", CultureInfo.InvariantCulture),
    };

    public static string Signed(double value, string format) => value.ToString($"+{format};-{format};{format}", CultureInfo.InvariantCulture);
}
