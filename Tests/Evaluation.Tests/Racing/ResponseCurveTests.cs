using Sweep.Evaluation.Racing;
using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Racing;

public sealed class ResponseCurveTests
{
    private static readonly double[] Grid = [0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10];

    [Fact]
    public void Fit_AtTheBaseline_IsNothingForCertain()
    {
        var curve = ResponseCurve.Fit([new(0.5, 0.05, 0.01), new(2, -0.03, 0.01), new(1, 0.4, 0.01)]);
        var (mean, deviation) = curve.At(1);
        Assert.Equal(0, mean, tolerance: 1e-6);
        Assert.Equal(0, deviation, tolerance: 1e-4);
    }

    [Fact]
    public void Fit_WithItsBaselineElsewhere_IsNothingThere()
    {
        var curve = ResponseCurve.Fit([new(-1, -0.2, 0.01), new(1, 0.2, 0.01)], identity: 0);
        Assert.Equal(0, curve.At(0).Mean, tolerance: 1e-6);
        Assert.Equal(0, curve.At(0).StandardDeviation, tolerance: 1e-4);
        Assert.Equal(0.2, curve.At(1).Mean, tolerance: 0.01);
    }

    [Fact]
    public void Fit_OfOnePoint_IsTheTextbooksPosterior()
    {
        // Two points, 0 at scalar 1 without error and 0.08 ± 0.02 at 0.5, by Cramer's rule for every length and spread; the most probable pair is the curve.
        var (x, y, e) = (Math.Asinh(0.5 / 0.25), 0.08, 0.02);
        var one = Math.Asinh(1 / 0.25);
        var size = (y * y) + (e * e);
        var best = (Evidence: double.NegativeInfinity, Mean: 0.0, Deviation: 0.0);
        var place = Math.Asinh(0.2 / 0.25);
        foreach (var length in new[] { 0.25, 0.5, 1, 2, 4 })
        {
            foreach (var spread in new[] { 0.25, 0.5, 1, 2, 4 })
            {
                var v = size * spread * spread;
                double K(double a, double b) => v * Math.Exp(-(a - b) * (a - b) / (2 * length * length));
                var (a, b, d) = (v * (1 + 1e-9), K(one, x), (v * (1 + 1e-9)) + (e * e));
                var determinant = (a * d) - (b * b);
                var evidence = (-0.5 * y * y * a / determinant) - (0.5 * Math.Log(determinant)) - Math.Log(2 * Math.PI);
                var (k1, k2) = (K(place, one), K(place, x));
                var mean = ((-b * k1) + (a * k2)) * y / determinant;
                var variance = v - (((d * k1 * k1) - (2 * b * k1 * k2) + (a * k2 * k2)) / determinant);
                if (evidence > best.Evidence)
                    best = (evidence, mean, Math.Sqrt(variance));
            }
        }

        var curve = ResponseCurve.Fit([new(0.5, y, e)]);
        Assert.Equal(best.Evidence, curve.LogEvidence, tolerance: 1e-7);
        Assert.Equal(best.Mean, curve.At(0.2).Mean, tolerance: 1e-9);
        Assert.Equal(best.Deviation, curve.At(0.2).StandardDeviation, tolerance: 1e-8);
    }

    [Fact]
    public void Fit_OfANoisyPeak_IsCloserToTheTruthThanThePoints()
    {
        var random = new SplitMix64(21);
        var (ofPoints, ofCurve) = (0.0, 0.0);
        for (var run = 0; run < 50; run++)
        {
            var points = Grid.Where(scalar => scalar != 1).Select(scalar => new ResponsePoint(scalar, Truth(scalar) + (0.02 * Normal(ref random)), 0.02)).ToArray();
            var curve = ResponseCurve.Fit(points);
            ofPoints += points.Sum(point => Math.Pow(point.Effect - Truth(point.Scalar), 2));
            ofCurve += points.Sum(point => Math.Pow(curve.At(point.Scalar).Mean - Truth(point.Scalar), 2));
        }

        Assert.True(ofCurve < 0.6 * ofPoints, $"{ofCurve} against {ofPoints}");
    }

    [Fact]
    public void Propose_AfterThreeCoarsePoints_LooksAroundThePeakFirst()
    {
        var curve = ResponseCurve.Fit([new(0.1, Truth(0.1), 0.005), new(0.3, Truth(0.3), 0.005), new(3, Truth(3), 0.005)]);
        var proposed = curve.Propose(Grid, 3);
        Assert.Equal(3, proposed.Count);
        // The rest may be where nothing is known.
        Assert.InRange(proposed[0], 0.1, 0.7);
        Assert.Equal(Grid.Length, curve.Propose(Grid, 100).Distinct().Count());
    }

    [Fact]
    public void Fit_OfWhatIsNoPoint_Refuses()
    {
        Assert.Throws<ArgumentException>(() => ResponseCurve.Fit([]));
        Assert.Throws<ArgumentException>(() => ResponseCurve.Fit([new(0.5, double.NaN, 0.1)]));
        Assert.Throws<ArgumentException>(() => ResponseCurve.Fit([new(0.5, 0.1, 0)]));
    }

    /// <summary>A peak of 0.1 near 0.3, harm far above 1.</summary>
    private static double Truth(double scalar)
    {
        var x = Math.Asinh(scalar / 0.25);
        return (0.1 * Math.Exp(-Math.Pow(x - Math.Asinh(0.3 / 0.25), 2))) - (0.05 * Math.Max(0, x - Math.Asinh(4)));
    }

    private static double Normal(ref SplitMix64 random) =>
        Math.Sqrt(-2 * Math.Log((random.Below(1_000_000) + 0.5) / 1e6)) * Math.Cos(2 * Math.PI * random.Below(1_000_000) / 1e6);
}
