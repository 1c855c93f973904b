using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;
using Sweep.Evaluation.Statistics;

namespace Sweep.Evaluation.Racing;

/// <summary>What is known of the effect at one scalar.</summary>
/// <param name="Scalar">The multiplier.</param>
/// <param name="Effect">Mean paired effect.</param>
/// <param name="Error">Its standard error, above 0.</param>
public readonly record struct ResponsePoint(double Scalar, double Effect, double Error);

/// <summary>
/// The effect of a set as a smooth function of the scalar: a Gaussian process (Rasmussen and Williams 2006, chapter 2 and section 5.4.1) through the measured points, each
/// with its own error, and through nothing at the identity, where the baseline is. Neighbouring scalars lend each other items; where nothing was measured the curve says how
/// little it knows.
/// </summary>
public sealed class ResponseCurve
{
    /// <summary>Below this scalars are spaced evenly, far above by their ratios.</summary>
    private const double Linear = 0.25;

    /// <summary>So small beside any error that it is none; keeps the factorisation defined.</summary>
    private const double Exact = 1e-9;

    private static readonly double[] Lengths = [0.25, 0.5, 1, 2, 4];
    private static readonly double[] Spreads = [0.25, 0.5, 1, 2, 4];

    private readonly double[] _at;
    private readonly double _length;
    private readonly double _variance;
    private readonly Cholesky<double> _factor;
    private readonly Vector<double> _weights;

    private ResponseCurve(double[] at, Vector<double> effects, Vector<double> errors, double length, double variance)
    {
        (_at, _length, _variance) = (at, length, variance);
        _factor = Matrix<double>.Build.Dense(at.Length, at.Length, (i, j) => Covariance(at[i], at[j]) + (i == j ? errors[i] * errors[i] + Exact * variance : 0)).Cholesky();
        _weights = _factor.Solve(effects);
        LogEvidence = (-0.5 * effects.DotProduct(_weights)) - (0.5 * _factor.DeterminantLn) - (at.Length * 0.5 * Math.Log(2 * Math.PI));
    }

    /// <summary>Logarithm of the probability of the points under this curve's length and spread.</summary>
    public double LogEvidence { get; }

    /// <summary>The curve of the most probable length and spread of a small grid of them.</summary>
    /// <param name="points">At least one; the identity, known already, may be among them.</param>
    /// <param name="identity">The scalar of the baseline.</param>
    /// <exception cref="ArgumentException">No points, or one that is not finite or has no error.</exception>
    public static ResponseCurve Fit(IReadOnlyList<ResponsePoint> points, double identity = 1)
    {
        if (points.Count == 0)
            throw new ArgumentException("found no points, expected at least one", nameof(points));
        foreach (var point in points)
        {
            if (!double.IsFinite(point.Scalar) || !double.IsFinite(point.Effect) || !(point.Error > 0) || !double.IsFinite(point.Error))
                throw new ArgumentException($"found {point}, expected finite numbers and an error above 0", nameof(points));
        }

        var measured = points.Where(point => point.Scalar != identity).ToArray();
        double[] at = [Place(identity), .. measured.Select(point => Place(point.Scalar))];
        var effects = Vector<double>.Build.DenseOfArray([0, .. measured.Select(point => point.Effect)]);
        var errors = Vector<double>.Build.DenseOfArray([0, .. measured.Select(point => point.Error)]);
        var size = Math.Sqrt(measured.Select(point => (point.Effect * point.Effect) + (point.Error * point.Error)).DefaultIfEmpty(1).Average());
        return Lengths.SelectMany(_ => Spreads, (length, spread) => new ResponseCurve(at, effects, errors, length, size * size * spread * spread)).MaxBy(curve => curve.LogEvidence)!;
    }

    /// <summary>Mean and standard deviation of what the effect at a scalar may be.</summary>
    public (double Mean, double StandardDeviation) At(double scalar)
    {
        var place = Place(scalar);
        var covariances = Vector<double>.Build.Dense(_at.Length, i => Covariance(place, _at[i]));
        var variance = _variance - covariances.DotProduct(_factor.Solve(covariances));
        return (covariances.DotProduct(_weights), Math.Sqrt(Math.Max(0, variance)));
    }

    /// <summary>The candidates from which the largest improvement over the best so far is to be expected (Jones, Schonlau and Welch 1998), best first.</summary>
    /// <param name="candidates">Scalars.</param>
    /// <param name="count">Of the candidates returned, at most.</param>
    public IReadOnlyList<double> Propose(IReadOnlyList<double> candidates, int count)
    {
        var known = candidates.Select(scalar => (Scalar: scalar, Effect: At(scalar))).ToArray();
        var best = known.Select(one => one.Effect.Mean).Append(0).Max();
        return [.. known.OrderByDescending(one => Improvement(one.Effect, best)).ThenBy(one => one.Scalar).Take(count).Select(one => one.Scalar)];
    }

    /// <summary>Where a scalar lies on the curve: what is evenly spread here is evenly spread for it.</summary>
    public static double Place(double scalar) => Math.Asinh(scalar / Linear);

    private static double Improvement((double Mean, double StandardDeviation) effect, double best)
    {
        if (effect.StandardDeviation == 0)
            return Math.Max(0, effect.Mean - best);
        var z = (effect.Mean - best) / effect.StandardDeviation;
        return effect.StandardDeviation * ((z * StandardNormal.Cumulative(z)) + (Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI)));
    }

    private double Covariance(double one, double other)
    {
        var distance = (one - other) / _length;
        return _variance * Math.Exp(-distance * distance / 2);
    }
}
