using Sweep.Models.Identification;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Identification;

/// <summary>Effective rank, CKA and entropies against what they are defined by.</summary>
public sealed class RepresentationTests
{
    [Fact]
    public void Rank_OfEqualDirections_IsTheirNumber()
    {
        var rank = EffectiveRank.Of([2, 2, 2, 0])!;

        Assert.Equal(3, rank.Participation, 12);
        Assert.Equal(3, rank.Entropy, 12);
    }

    [Fact]
    public void Rank_OfUnequalDirections_IsByHand()
    {
        // σ = 3, 1: (3 + 1)² / (9 + 1) = 1.6; p = ¾, ¼.
        var rank = EffectiveRank.Of([3, 1])!;

        Assert.Equal(1.6, rank.Participation, 12);
        Assert.Equal(Math.Exp(-((0.75 * Math.Log(0.75)) + (0.25 * Math.Log(0.25)))), rank.Entropy, 12);
    }

    [Fact]
    public void Rank_OfNothing_IsUnknown() => Assert.Null(EffectiveRank.Of([0, 0]));

    [Fact]
    public void Rank_OfAGramMatrix_IsThatOfTheSingularValues()
    {
        using var scope = NewDisposeScope();
        var x = Random(1, 40, 7).mul_(tensor(new double[] { 5, 2, 1, 0.5, 0.1, 1e-3, 0 }));
        var expected = EffectiveRank.Of(linalg.svdvals(x).data<double>().ToArray())!;

        var rank = EffectiveRank.OfGram(x.t().mm(x))!;

        Assert.Equal(expected.Participation, rank.Participation, 6);
        Assert.Equal(expected.Entropy, rank.Entropy, 6);
    }

    [Fact]
    public void Cka_OfATurnedShiftedScaledCopy_IsOne()
    {
        using var scope = NewDisposeScope();
        var x = Random(2, 30, 5);
        var (turn, _) = linalg.qr(Random(3, 5, 5));

        Assert.Equal(1, LinearCka.Of(x, (x.mm(turn) * 3) + 7)!.Value, 10);
    }

    [Fact]
    public void Cka_OfTwoRepresentations_IsThatOfCentredSimilarities()
    {
        using var scope = NewDisposeScope();
        Tensor x = Random(4, 20, 6), y = (x.mm(Random(5, 6, 4)) * 0.5) + Random(6, 20, 4);

        // HSIC(K, L) = tr(K H L H) with K = XX', L = YY', H = I − 1/n.
        var centring = eye(20, dtype: float64) - (1.0 / 20);
        double Hsic(Tensor a, Tensor b) => a.mm(a.t()).mm(centring).mm(b.mm(b.t())).mm(centring).trace().item<double>();
        var expected = Hsic(x, y) / Math.Sqrt(Hsic(x, x) * Hsic(y, y));

        Assert.Equal(expected, LinearCka.Of(x, y)!.Value, 10);
        var matrix = LinearCka.Matrix([x, y]);
        Assert.Equal((1.0, 1.0), (matrix[0][0], matrix[1][1]));
        Assert.Equal(expected, matrix[0][1]!.Value, 10);
        Assert.Equal(matrix[0][1], matrix[1][0]);
    }

    [Fact]
    public void Cka_OfARepresentationThatNeverChanges_IsUnknown()
    {
        using var scope = NewDisposeScope();

        Assert.Null(LinearCka.Of(ones(4, 2), Random(7, 4, 2)));
        Assert.Null(LinearCka.Matrix([ones(4, 2), Random(7, 4, 2)])[0][0]);
    }

    [Fact]
    public void Entropy_OfEqualLogits_IsTheLogarithmOfTheirNumber()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(3 * Math.Log(8), Entropy.OfSoftmax(full([3, 8], 5.0)), 12);
    }

    [Fact]
    public void Entropy_OfANormalDistribution_IsByFormula()
    {
        Assert.Equal(1.4189385332046727, Entropy.OfNormal(1)!.Value, 12);
        Assert.Null(Entropy.OfNormal(0));
    }

    private static Tensor Random(ulong seed, params long[] shape)
    {
        using var generator = new Generator(seed);
        return randn(shape, float64, generator: generator);
    }
}
