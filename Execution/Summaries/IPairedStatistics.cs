namespace Sweep.Execution.Summaries;

/// <summary>Statistics of paired differences (steered − baseline on the same items).</summary>
internal interface IPairedStatistics
{
    /// <summary>95 % bootstrap interval of the mean difference; whole groups are drawn.</summary>
    (double Low, double High) Interval(IReadOnlyList<double> differences, IReadOnlyList<string> groups, long seed);

    /// <summary>Exact two-sided McNemar.</summary>
    double McNemar(int rightToWrong, int wrongToRight);

    /// <summary>Smallest mean difference found with 80 % power at the two-sided 5 % level.</summary>
    double MinimumDetectableEffect(IReadOnlyList<double> differences, double baseline);
}
