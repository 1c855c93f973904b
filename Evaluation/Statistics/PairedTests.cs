using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Sweep.Evaluation.Statistics;

/// <summary>Tests and power of paired binary outcomes.</summary>
public static class PairedTests
{
    /// <summary>Exact two-sided McNemar: the binomial probability, at ½, of a split of the discordant pairs at least as uneven as this one.</summary>
    public static double McNemar(int rightToWrong, int wrongToRight)
    {
        var n = rightToWrong + wrongToRight;
        return n == 0 ? 1 : Math.Min(1, 2 * Binomial.CDF(0.5, n, Math.Min(rightToWrong, wrongToRight)));
    }

    /// <summary>Wilson's 95 % interval of a proportion (Wilson 1927).</summary>
    public static (double Low, double High) Wilson(int successes, int n)
    {
        if (n == 0)
            return (0, 1);
        const double Z = 1.959963984540054;
        var p = (double)successes / n;
        var centre = (p + (Z * Z / (2 * n))) / (1 + (Z * Z / n));
        var half = Z / (1 + (Z * Z / n)) * Math.Sqrt((p * (1 - p) / n) + (Z * Z / (4.0 * n * n)));
        return (Math.Max(0, centre - half), Math.Min(1, centre + half));
    }

    /// <summary>
    /// Pairs for 80 % power at the two-sided 5 % level: (z₀.₉₇₅ √ψ + z₀.₈ √(ψ − Δ²))² / Δ², with Δ the difference and ψ the share of discordant pairs (Connor 1987).
    /// </summary>
    public static double PairsNeeded(double difference, double discordance)
    {
        const double Z = 1.959963984540054;
        const double Power = 0.8416212335729143;
        var root = (Z * Math.Sqrt(discordance)) + (Power * Math.Sqrt(Math.Max(0, discordance - (difference * difference))));
        return root * root / (difference * difference);
    }

    /// <summary>The smallest difference found with 80 % power by n pairs of the given discordance (at least that of the difference itself); 1 when none is.</summary>
    public static double MinimumDetectableEffect(int n, double discordance)
    {
        if (n == 0)
            return 1;
        double Excess(double difference) => PairsNeeded(difference, Math.Max(discordance, difference)) - n;
        return Excess(1) > 0 ? 1 : FindRoots.OfFunction(Excess, 1e-6, 1, 1e-9);
    }

    /// <summary>(1 + controls at least as good) / (K + 1); ties count against.</summary>
    public static (int Rank, double P) AmongControls(double value, IReadOnlyList<double> controls)
    {
        var better = controls.Count(control => !(control < value));
        return (better + 1, (better + 1.0) / (controls.Count + 1));
    }
}
