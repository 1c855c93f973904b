using MathNet.Numerics;

namespace Sweep.Evaluation.Racing;

/// <summary>
/// Confidence sequence of a probability: bounds that hold at all times at once, however often one looks and whenever one stops (Robbins 1970; Howard, Ramdas, McAuliffe and
/// Sekhon 2021). The ratio of the likelihood mixed uniformly over all probabilities to that of p is a martingale where p is true; by Ville's inequality it ever reaches 1/α
/// with probability ≤ α.
/// </summary>
public static class BetaBinomialSequence
{
    /// <summary>Halvings of the interval between what is refuted and what is not: bounds are exact to 1e-12.</summary>
    private const int Halvings = 40;

    /// <summary>Between these lies every p that is not refuted. Without trials: 0..1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Counts that cannot be, or α outside (0, 1).</exception>
    public static (double Low, double High) Of(long successes, long trials, double alpha)
    {
        if (successes < 0 || successes > trials)
            throw new ArgumentOutOfRangeException(nameof(successes), successes, $"expected 0 to {trials}");
        if (!(alpha > 0 && alpha < 1))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "expected above 0 and below 1");
        if (trials == 0)
            return (0, 1);
        var failures = trials - successes;
        var refuting = SpecialFunctions.BetaLn(successes + 1, failures + 1) + Math.Log(alpha);
        var mode = (double)successes / trials;
        return (successes == 0 ? 0 : Edge(0, mode), failures == 0 ? 1 : Edge(1, mode));

        // The likelihood falls from its mode to either side. The side that is refuted is returned: never too narrow.
        double Edge(double refuted, double kept)
        {
            for (var i = 0; i < Halvings; i++)
            {
                var p = (refuted + kept) / 2;
                if ((successes * Math.Log(p)) + (failures * Math.Log(1 - p)) <= refuting)
                    refuted = p;
                else
                    kept = p;
            }

            return refuted;
        }
    }
}
