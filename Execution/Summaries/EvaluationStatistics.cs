using Sweep.Evaluation.Statistics;

namespace Sweep.Execution.Summaries;

/// <summary>Statistics through Sweep.Evaluation.</summary>
internal sealed class EvaluationStatistics : IPairedStatistics
{
    public (double Low, double High) Interval(IReadOnlyList<double> differences, IReadOnlyList<string> groups, long seed) =>
        PairedBootstrap.Interval(differences, groups, seed);

    public double McNemar(int rightToWrong, int wrongToRight) => PairedTests.McNemar(rightToWrong, wrongToRight);

    /// <summary>
    /// By the discordance seen, but no less than one pair in ten nor than the difference itself: a benchmark on which nothing changed says nothing about how much it
    /// could have.
    /// </summary>
    public double MinimumDetectableEffect(IReadOnlyList<double> differences, double baseline)
    {
        var discordance = differences.Count == 0 ? 1 : differences.Sum(difference => difference * difference) / differences.Count;
        return PairedTests.MinimumDetectableEffect(differences.Count, Math.Max(0.1, discordance));
    }
}
