using MathNet.Numerics.RootFinding;

namespace Sweep.Evaluation.Statistics;

/// <summary>
/// Tango's score method for the difference of paired proportions (Tango 1998, Statistics in Medicine 17, 891-908). Of n pairs <c>better</c> turned right and <c>worse</c>
/// turned wrong; the difference is (better − worse) / n. Pairs are taken for independent: one item a group.
/// </summary>
public static class TangoInterval
{
    private const double Accuracy = 1e-13;

    /// <summary>
    /// The differences that the score test does not reject, −1..1. Never of zero width: where nothing moved it is ± z² / (n + z²), Wilson's upper bound of 0 of n.
    /// Without a pair it is −1..1. Cost: some dozens of evaluations, whatever n is.
    /// </summary>
    public static (double Low, double High) Of(int better, int worse, int n, double confidence = 0.95)
    {
        Check(better, worse, n);
        if (n == 0)
            return (-1, 1);
        var z = StandardNormal.TwoSided(confidence);
        var estimate = (double)(better - worse) / n;
        return (Bound(-1, z), Bound(1, -z));

        // Z falls in the difference, from +∞ (or its value at −1) through 0 at the estimate; an estimate at an end of the range is its own bound.
        double Bound(double end, double target) => estimate == end
            ? end
            : Brent.FindRoot(difference => Bounded(Z(better, worse, n, difference)) - target, Math.Min(end, estimate), Math.Max(end, estimate), Accuracy);
    }

    /// <summary>
    /// Z = (better − worse − nδ) / √(n(2q + δ(1 − δ))), standard normal where δ is the true difference; q is the likeliest probability of turning wrong given δ:
    /// (√(B² − 4AC) − B) / 2A with A = 2n, B = (2n − better + worse)δ − better − worse, C = −worse · δ(1 − δ).
    /// </summary>
    /// <param name="difference">δ, −1..1.</param>
    public static double Z(int better, int worse, int n, double difference)
    {
        Check(better, worse, n);
        double a = 2.0 * n, b = ((2.0 * n) - better + worse) * difference - better - worse, c = -worse * difference * (1 - difference);
        var root = Math.Sqrt(Math.Max(0, (b * b) - (4 * a * c)));
        // The form without cancellation of the larger root.
        var q = b <= 0 ? (root - b) / (2 * a) : -2 * c / (root + b);
        q = Math.Max(q, Math.Max(0, -difference));
        var variance = n * Math.Max(0, (2 * q) + (difference * (1 - difference)));
        var distance = better - worse - (n * difference);
        return distance == 0 ? 0 : distance / Math.Sqrt(variance);
    }

    /// <summary>Brent's method takes no infinities: no critical value reaches this far.</summary>
    private static double Bounded(double z) => Math.Clamp(z, -1e6, 1e6);

    private static void Check(int better, int worse, int n)
    {
        if (better < 0 || worse < 0 || better + worse > n)
            throw new ArgumentException($"found {better} better and {worse} worse of {n} pairs, expected counts of at least 0 that add up to at most {n}");
    }
}
