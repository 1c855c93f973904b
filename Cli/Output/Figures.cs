using System.Globalization;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Output;

/// <summary>Numbers as the table shows them.</summary>
internal static class Figures
{
    /// <summary>Metrics are in 0..1 and shown in points; a log-likelihood is shown as it is.</summary>
    public static string Score(SummaryRow row, double value) => InPoints(row) ? Fixed(100 * value, "0.0") : Fixed(value, "0.00");

    public static string Effect(SummaryRow row, double value) => InPoints(row) ? Signed(100 * value, "0.0") : Signed(value, "0.00");

    public static string Scalar(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string P(double p) => p < 0.001 ? "<0.001" : Fixed(p, "0.000");

    /// <summary>With its sign, and none for what rounds to zero.</summary>
    public static string Signed(double value, string format)
    {
        var text = Fixed(Math.Abs(value), format);
        return text.All(letter => letter is '0' or '.') ? text : (value < 0 ? "-" : "+") + text;
    }

    private static bool InPoints(SummaryRow row) => row.Metric != "log_likelihood";

    private static string Fixed(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
