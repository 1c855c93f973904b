using MathNet.Numerics.Distributions;
using MathNet.Numerics.RootFinding;

namespace Sweep.Evaluation.Statistics;

/// <summary>
/// Random-effects meta-analysis: effects on several benchmarks, yᵢ with known variances vᵢ, around a mean μ with variance τ² between benchmarks. τ² by Paule and Mandel
/// (1982), the mean's interval by Hartung and Knapp (2001).
/// </summary>
public sealed record RandomEffects
{
    /// <summary>μ = Σ wy / Σ w with w = 1 / (v + τ²), in the unit of the effects.</summary>
    public required double Mean { get; init; }

    /// <summary>√(q / Σ w) with q = Σ w(y − μ)² / (k − 1), taken to be at least 1; infinite for one effect.</summary>
    public required double StandardError { get; init; }

    /// <summary>μ ∓ t standard errors, t of k − 1 degrees of freedom; −∞..∞ for one effect, which says nothing about other benchmarks.</summary>
    public required double Low { get; init; }

    public required double High { get; init; }

    /// <summary>Two-sided, of μ = 0; 1 for one effect.</summary>
    public required double P { get; init; }

    /// <summary>The variance between benchmarks; 0 where the effects differ no more than their variances say.</summary>
    public required double TauSquared { get; init; }

    /// <summary>Cochran's Q = Σ (y − ȳ)² / v around the mean weighted by 1 / v.</summary>
    public required double Q { get; init; }

    /// <summary>Of equal true effects: the upper tail of χ² with k − 1 degrees of freedom at Q; 1 for one effect.</summary>
    public required double HeterogeneityP { get; init; }

    /// <summary>Null without an effect. Cost: some dozens of passes over the effects.</summary>
    /// <param name="variances">Squared standard errors, above 0.</param>
    /// <param name="neverNarrower">
    /// Whether q is at least 1. Without that, effects that happen to agree more than their variances say give an interval narrower than if τ² = 0 were known; none at all
    /// where they are equal.
    /// </param>
    public static RandomEffects? Of(IReadOnlyList<double> effects, IReadOnlyList<double> variances, double confidence = 0.95, bool neverNarrower = true)
    {
        if (effects.Count != variances.Count)
            throw new ArgumentException($"{effects.Count} effects, {variances.Count} variances");
        foreach (var variance in variances)
        {
            if (!(variance > 0 && double.IsFinite(variance)))
                throw new ArgumentOutOfRangeException(nameof(variances), variance, "expected variances above 0");
        }

        var k = effects.Count;
        if (k == 0)
            return null;
        var (fixedMean, _, q) = Weighted(0);
        if (k == 1)
            return OfOne(fixedMean);

        // Q(τ²) falls, and is below k − 1 at the squared spread around any mean divided by k − 1.
        var spread = effects.Sum(effect => (effect - fixedMean) * (effect - fixedMean)) / (k - 1);
        var tauSquared = q <= k - 1 ? 0 : Brent.FindRoot(tau => Weighted(tau).Q - (k - 1), 0, spread, spread * 1e-14, 200);
        var (mean, weight, ofMean) = Weighted(tauSquared);
        var scale = ofMean / (k - 1);
        var error = Math.Sqrt((neverNarrower ? Math.Max(1, scale) : scale) / weight);
        var t = StudentT.InvCDF(0, 1, k - 1, (1 + confidence) / 2);
        return new RandomEffects
        {
            Mean = mean,
            StandardError = error,
            Low = mean - (t * error),
            High = mean + (t * error),
            P = error > 0 ? 2 * StudentT.CDF(0, 1, k - 1, -Math.Abs(mean) / error) : mean == 0 ? 1 : 0,
            TauSquared = tauSquared,
            Q = q,
            HeterogeneityP = Math.Max(0, 1 - ChiSquared.CDF(k - 1, q)),
        };

        (double Mean, double Weight, double Q) Weighted(double tau)
        {
            double weights = 0, sum = 0, squares = 0;
            for (var i = 0; i < k; i++)
            {
                weights += 1 / (variances[i] + tau);
                sum += effects[i] / (variances[i] + tau);
            }

            for (var i = 0; i < k; i++)
                squares += (effects[i] - (sum / weights)) * (effects[i] - (sum / weights)) / (variances[i] + tau);
            return (sum / weights, weights, squares);
        }
    }

    private static RandomEffects OfOne(double effect) => new()
    {
        Mean = effect,
        StandardError = double.PositiveInfinity,
        Low = double.NegativeInfinity,
        High = double.PositiveInfinity,
        P = 1,
        TauSquared = 0,
        Q = 0,
        HeterogeneityP = 1,
    };
}
