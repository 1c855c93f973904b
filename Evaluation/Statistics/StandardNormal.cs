using MathNet.Numerics.Distributions;

namespace Sweep.Evaluation.Statistics;

/// <summary>The standard normal distribution.</summary>
internal static class StandardNormal
{
    /// <summary>97.5 % quantile: the critical value of a two-sided test at 5 %.</summary>
    public const double TwoSided95 = 1.959963984540054;

    /// <summary>80 % quantile.</summary>
    public const double Power80 = 0.8416212335729143;

    /// <summary>Φ(x).</summary>
    public static double Cumulative(double x) => Normal.CDF(0, 1, x);

    /// <summary>Φ⁻¹(p).</summary>
    public static double Quantile(double p) => Normal.InvCDF(0, 1, p);

    /// <summary>The critical value of a two-sided interval: Φ⁻¹((1 + confidence) / 2).</summary>
    public static double TwoSided(double confidence)
    {
        if (confidence is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "expected a confidence between 0 and 1");
        return confidence == 0.95 ? TwoSided95 : Quantile((1 + confidence) / 2);
    }
}
