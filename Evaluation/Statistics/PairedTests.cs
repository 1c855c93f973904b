using System.Numerics;

namespace Sweep.Evaluation.Statistics;

/// <summary>Tests and intervals of binary outcomes, and the place of an effect among controls.</summary>
public static class PairedTests
{
    /// <summary>
    /// Exact two-sided McNemar: the binomial probability, at ½, of a split of the discordant pairs at least as uneven as this one, in whole numbers but for the last division.
    /// </summary>
    public static double McNemar(int rightToWrong, int wrongToRight)
    {
        var n = rightToWrong + wrongToRight;
        var (ways, tail) = (BigInteger.One, BigInteger.One);
        for (var i = 1; i <= Math.Min(rightToWrong, wrongToRight); i++)
        {
            ways = ways * (n - i + 1) / i;
            tail += ways;
        }

        // 2 · tail / 2ⁿ, of which a double has room for the first 53 bits.
        var cut = (int)Math.Max(0, tail.GetBitLength() - 63);
        return Math.Min(1, Math.ScaleB((double)(tail >> cut), cut + 1 - n));
    }

    /// <summary>
    /// Wilson's score interval of a proportion (Wilson 1927): (p + z²/2n ± z√(p(1 − p)/n + z²/4n²)) / (1 + z²/n). Without a trial it is 0..1; it never has zero width.
    /// </summary>
    public static (double Low, double High) Wilson(int successes, int n, double confidence = 0.95)
    {
        if (n == 0)
            return (0, 1);
        var z = StandardNormal.TwoSided(confidence);
        var p = (double)successes / n;
        var centre = (p + (z * z / (2 * n))) / (1 + (z * z / n));
        var half = z / (1 + (z * z / n)) * Math.Sqrt((p * (1 - p) / n) + (z * z / (4.0 * n * n)));
        return (Math.Max(0, centre - half), Math.Min(1, centre + half));
    }

    /// <summary>Rank among the controls, 1 is best, and (1 + controls at least as good) / (K + 1); ties count against.</summary>
    public static (int Rank, double P) AmongControls(double value, IReadOnlyList<double> controls)
    {
        var asGood = controls.Count(control => !(control < value));
        return (1 + asGood, (1.0 + asGood) / (controls.Count + 1));
    }
}
