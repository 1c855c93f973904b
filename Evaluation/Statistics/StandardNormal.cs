namespace Sweep.Evaluation.Statistics;

/// <summary>Quantiles of the standard normal distribution.</summary>
internal static class StandardNormal
{
    /// <summary>97.5 %: the critical value of a two-sided test at 5 %.</summary>
    public const double TwoSided95 = 1.959963984540054;

    /// <summary>80 %.</summary>
    public const double Power80 = 0.8416212335729143;
}
