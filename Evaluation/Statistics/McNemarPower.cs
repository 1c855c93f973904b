using MathNet.Numerics.Distributions;

namespace Sweep.Evaluation.Statistics;

/// <summary>
/// Power of the two-sided McNemar test before a run. Of n independent pairs each is discordant with probability ψ (discordance); Δ (effect) is the probability of turning
/// right less that of turning wrong, both as shares. A score between 0 and 1 that moves in no more than ψ of the pairs spreads no wider than a binary one.
/// </summary>
public static class McNemarPower
{
    public const double DefaultPower = 0.8;
    public const double DefaultLevel = 0.05;

    /// <summary>Of the number of discordant pairs, relative to the likeliest number: what is rarer is left out.</summary>
    private const double Negligible = 1e-18;

    /// <summary>Pairs by the normal approximation (Miettinen 1968; Connor 1987): (z₁₋ₗ₂ √ψ + z_power √(ψ − Δ²))² / Δ², rounded up; ₗ₂ is half the level.</summary>
    public static int AsymptoticPairs(double effect, double discordance, double power = DefaultPower, double level = DefaultLevel)
    {
        Check(effect, discordance);
        if (power is not (> 0 and < 1) || level is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(power), power, $"expected a power and a level between 0 and 1, found level {level}");
        var root = (StandardNormal.Quantile(1 - (level / 2)) * Math.Sqrt(discordance)) + (StandardNormal.Quantile(power) * Math.Sqrt(discordance - (effect * effect)));
        return (int)Math.Min(int.MaxValue, Math.Ceiling(root * root / (effect * effect)));
    }

    /// <summary>
    /// The probability that the exact test of n pairs has p ≤ level: Σ over d of Binomial(d; n, ψ) · P(a split of d with p ≤ level), where each of d turns right with
    /// probability (1 + Δ/ψ) / 2. Cost: √n tails of the binomial.
    /// </summary>
    public static double Exact(int pairs, double effect, double discordance, double level = DefaultLevel)
    {
        Check(effect, discordance);
        return Unconditional(pairs, discordance, new Rejection(effect, discordance, level));
    }

    /// <summary>
    /// The fewest pairs with which the exact test has that power. It is sought upward from half the asymptotic number; the power is no monotone function of n, so a larger n
    /// may miss it by a little. Cost: n^1.5 multiplications and n tails.
    /// </summary>
    public static int ExactPairs(double effect, double discordance, double power = DefaultPower, double level = DefaultLevel)
    {
        var pairs = Math.Max(1, AsymptoticPairs(effect, discordance, power, level) / 2);
        var rejection = new Rejection(effect, discordance, level);
        while (Unconditional(pairs, discordance, rejection) < power)
            pairs++;
        return pairs;
    }

    /// <summary>
    /// The smallest effect that the exact test of n pairs finds with that power at that discordance, to 10⁻⁷; null where it finds none, even if every discordant pair turned
    /// right.
    /// </summary>
    public static double? DetectableEffect(int pairs, double discordance, double power = DefaultPower, double level = DefaultLevel)
    {
        Check(discordance, discordance);
        return Smallest(discordance, effect => Exact(pairs, effect, discordance, level) >= power);
    }

    /// <summary>
    /// The smallest effect that n pairs can find at all with that power, to 10⁻⁷: that of a steering that turns wrong answers right and no right answer wrong (ψ = Δ). Null
    /// where n is too small for any.
    /// </summary>
    public static double? LeastDetectableEffect(int pairs, double power = DefaultPower, double level = DefaultLevel) =>
        Smallest(1, effect => Exact(pairs, effect, effect, level) >= power);

    private static double? Smallest(double largest, Func<double, bool> isFound)
    {
        if (!isFound(largest))
            return null;
        var (low, high) = (0.0, largest);
        while (high - low > 1e-7)
        {
            var middle = 0.5 * (low + high);
            if (isFound(middle))
                high = middle;
            else
                low = middle;
        }

        return high;
    }

    /// <summary>From the likeliest number of discordant pairs outwards, by the ratio of neighbours.</summary>
    private static double Unconditional(int pairs, double discordance, Rejection rejection)
    {
        if (pairs < 1)
            return 0;
        if (discordance == 1)
            return rejection.Of(pairs);
        var likeliest = Math.Min(pairs, (int)((pairs + 1) * discordance));
        var peak = Binomial.PMF(discordance, pairs, likeliest);
        var odds = discordance / (1 - discordance);
        var power = peak * rejection.Of(likeliest);
        var weight = peak;
        for (var d = likeliest + 1; d <= pairs && weight > Negligible * peak; d++)
        {
            weight *= odds * (pairs - d + 1) / d;
            power += weight * rejection.Of(d);
        }

        weight = peak;
        for (var d = likeliest - 1; d >= 0 && weight > Negligible * peak; d--)
        {
            weight *= (d + 1) / (odds * (pairs - d));
            power += weight * rejection.Of(d);
        }

        return Math.Min(1, power);
    }

    private static void Check(double effect, double discordance)
    {
        if (!(effect > 0 && effect <= discordance && discordance <= 1))
            throw new ArgumentOutOfRangeException(nameof(effect), effect, $"expected an effect above 0, of at most the discordance {discordance}, which is at most 1");
    }

    /// <summary>The probability that the exact test rejects given d discordant pairs, kept by d.</summary>
    private sealed class Rejection(double effect, double discordance, double level)
    {
        private readonly double _right = Math.Min(1, (1 + (effect / discordance)) / 2);
        private readonly Dictionary<int, double> _known = [];

        public double Of(int d) => _known.TryGetValue(d, out var known) ? known : _known[d] = Compute(d);

        private double Compute(int d)
        {
            var critical = Critical(d);
            if (critical < 0)
                return 0;
            return _right < 1
                ? Binomial.CDF(_right, d, critical) + Binomial.CDF(1 - _right, d, critical)
                : 1;
        }

        /// <summary>The largest smaller side of a split with 2 · P(X ≤ side) ≤ level at ½; −1: none.</summary>
        private int Critical(int d)
        {
            var (low, high) = (-1, d / 2);
            while (low < high)
            {
                var middle = (low + high + 1) / 2;
                if (2 * Binomial.CDF(0.5, d, middle) <= level)
                    low = middle;
                else
                    high = middle - 1;
            }

            return low;
        }
    }
}
