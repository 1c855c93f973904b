using System.Text;

namespace Sweep.Evaluation.Metrics;

/// <summary>
/// Multiple choice by log-likelihood, as lm-evaluation-harness scores it: acc takes the likeliest choice, acc_norm the likeliest a character (Unicode code point), acc_bytes the likeliest a
/// byte of UTF-8; the space before a choice counts in neither length, and of equals the first is taken.
/// </summary>
public static class ChoiceMetric
{
    public static IReadOnlyList<string> Names { get; } = ["acc", "acc_bytes", "acc_norm"];

    /// <param name="choices">Their texts, without the space.</param>
    /// <param name="logLikelihoods">Nats, one a choice.</param>
    /// <param name="gold">Index of the right one.</param>
    public static Dictionary<string, double> Score(IReadOnlyList<string> choices, IReadOnlyList<double> logLikelihoods, int gold) => new(StringComparer.Ordinal)
    {
        ["acc"] = IsBest(logLikelihoods, _ => 1, gold),
        ["acc_bytes"] = IsBest(logLikelihoods, choice => Encoding.UTF8.GetByteCount(choices[choice]), gold),
        ["acc_norm"] = IsBest(logLikelihoods, choice => choices[choice].EnumerateRunes().Count(), gold),
    };

    private static double IsBest(IReadOnlyList<double> logLikelihoods, Func<int, int> length, int gold)
    {
        var best = 0;
        for (var choice = 1; choice < logLikelihoods.Count; choice++)
        {
            if (logLikelihoods[choice] / length(choice) > logLikelihoods[best] / length(best))
                best = choice;
        }

        return best == gold ? 1 : 0;
    }
}
