using CsCheck;
using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class CrossFittedWinnerTests
{
    [Fact]
    public void Of_OneConfiguration_NeedsNoCorrection() =>
        Gen.Double[-1, 1].Array[2, 50].Sample(effects =>
        {
            var winner = CrossFittedWinner.Of([effects], Pairs.Alone(effects.Length), 1);
            return winner.Winner == 0 && Math.Abs(winner.Raw - winner.Corrected!.Value) < 1e-12;
        });

    [Fact]
    public void Of_WinnerByFar_NeedsNoCorrection()
    {
        var random = new Random(31);
        double[][] effects = [Pairs.Normal(random, 60), [.. Pairs.Normal(random, 60).Select(effect => effect + 5)], Pairs.Normal(random, 60)];
        var winner = CrossFittedWinner.Of(effects, Pairs.Alone(60), 1);
        Assert.Equal(1, winner.Winner);
        Assert.Equal(effects[1].Average(), winner.Raw, 1e-12);
        Assert.Equal(winner.Raw, winner.Corrected!.Value, 1e-12);
    }

    /// <summary>
    /// 400 families of 30 configurations without an effect on 50 items: the best looks like E max of 30 normal values, 2.0428 (Harter 1961) / √50 = 0.289; cross-fitted it is
    /// 0, but for four standard errors.
    /// </summary>
    [Fact]
    public void Of_NoEffects_IsNothing()
    {
        var random = new Random(37);
        double raw = 0, corrected = 0, squares = 0;
        const int Samples = 400;
        for (var sample = 0; sample < Samples; sample++)
        {
            double[][] effects = [.. Enumerable.Range(0, 30).Select(_ => Pairs.Normal(random, 50))];
            var winner = CrossFittedWinner.Of(effects, Pairs.Alone(50), sample, repeats: 5);
            raw += winner.Raw / Samples;
            corrected += winner.Corrected!.Value / Samples;
            squares += winner.Corrected.Value * winner.Corrected.Value / Samples;
        }

        Assert.Equal(2.0428 / Math.Sqrt(50), raw, 0.015);
        Assert.InRange(corrected, -4 * Math.Sqrt(squares / Samples), 4 * Math.Sqrt(squares / Samples));
        Assert.InRange(4 * Math.Sqrt(squares / Samples), 0, 0.1);
    }

    [Fact]
    public void Of_OtherOrderOfItems_IsTheSame()
    {
        var random = new Random(41);
        double[][] effects = [.. Enumerable.Range(0, 5).Select(_ => Pairs.Normal(random, 33))];
        string[] groups = [.. Enumerable.Range(0, 33).Select(i => $"g{i % 11}")];
        var order = Enumerable.Range(0, 33).ToArray();
        random.Shuffle(order);
        Assert.Equal(
            CrossFittedWinner.Of(effects, groups, 1),
            CrossFittedWinner.Of([.. effects.Select(ofOne => order.Select(i => ofOne[i]).ToArray())], [.. order.Select(i => groups[i])], 1));
    }

    [Fact]
    public void Of_ItemsOfAGroup_StayInOneFold()
    {
        // What is best in one group is worst in the other: chosen on the one and measured on the other.
        double[][] effects = [[1, 1, 1, -2, -2, -2], [-1, -1, -1, 1, 1, 1]];
        var winner = CrossFittedWinner.Of(effects, ["a", "a", "a", "b", "b", "b"], 1);
        Assert.Equal(1, winner.Winner);
        Assert.Equal(0, winner.Raw);
        Assert.Equal(-1.5, winner.Corrected);
    }

    [Fact]
    public void Of_Weights_AreThoseOfTheMeans()
    {
        var weighted = CrossFittedWinner.Of([[1, 0, -1, 2]], Pairs.Alone(4), 1, [3, 1, 1, 1]);
        Assert.Equal(4.0 / 6, weighted.Raw, 1e-15);
        Assert.Equal(4.0 / 6, weighted.Corrected!.Value, 1e-15);
    }

    [Fact]
    public void Of_Degenerate_IsDefined()
    {
        var winner = CrossFittedWinner.Of([[0, 0], [1, 1]], ["g", "g"], 1);
        Assert.Equal((1, 1, null), (winner.Winner, winner.Raw, winner.Corrected));
        Assert.Equal(0, CrossFittedWinner.Of([[0.5, 0.5], [0.5, 0.5]], Pairs.Alone(2), 1).Winner);
        Assert.Throws<ArgumentException>(() => CrossFittedWinner.Of([], [], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CrossFittedWinner.Of([[1, 2]], Pairs.Alone(2), 1, folds: 1));
    }
}
