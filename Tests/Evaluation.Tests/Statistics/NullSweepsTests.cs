using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class NullSweepsTests
{
    [Theory]
    [InlineData(0.05, 19)]
    [InlineData(0.01, 99)]
    [InlineData(0.5, 1)]
    public void Fewest_OfALevel_JustReachesIt(double level, int sweeps)
    {
        Assert.Equal(sweeps, NullSweeps.Fewest(level));
        Assert.InRange(NullSweeps.SmallestP(sweeps), 0, level + 1e-12);
        Assert.InRange(NullSweeps.SmallestP(sweeps - 1), level + 1e-12, 1);
    }

    [Fact]
    public void CorrectedP_OneRow_IsThatOfItsRank()
    {
        // Two of four controls are at least as good, one of them a tie.
        ControlledEffect row = new(2, [1, 2, 3, -1]);
        Assert.Equal([PairedTests.AmongControls(row.Effect, row.Controls).P], NullSweeps.CorrectedP([row]));
        Assert.Equal([0.6], NullSweeps.CorrectedP([row]));
    }

    [Fact]
    public void CorrectedP_OtherScaleAndOriginOfARow_ChangesNothing()
    {
        ControlledEffect[] rows = [new(3, [1, 0, 2, -1]), new(0.5, [0.1, 0.9, -0.2, 0.3])];
        var moved = rows[1] with { Effect = (1000 * rows[1].Effect) - 7, Controls = [.. rows[1].Controls.Select(control => (1000 * control) - 7)] };
        Assert.Equal(NullSweeps.CorrectedP(rows), NullSweeps.CorrectedP([rows[0], moved]));
    }

    [Fact]
    public void CorrectedP_SecondRowWhoseControlsStandOut_CostsTheFirst()
    {
        // By itself the first row is above all its controls: 1/5. The second has a control that stands out of its row as much as the first row's effect of its own.
        ControlledEffect first = new(10, [0, 0, 0, 0]);
        ControlledEffect second = new(0, [0, 10, 0, 0]);
        Assert.Equal([0.2], NullSweeps.CorrectedP([first]));
        Assert.Equal([0.4, 1], NullSweeps.CorrectedP([first, second]));
    }

    [Fact]
    public void CorrectedP_Diverged_ComesLast()
    {
        // The second row stands one deviation above its mean, as a control of the first does above its own.
        Assert.Equal([1, 2.0 / 3], NullSweeps.CorrectedP([new(double.NegativeInfinity, [0, 1]), new(5, [double.NegativeInfinity, -5])]));
        Assert.Equal([1], NullSweeps.CorrectedP([new(double.NegativeInfinity, [double.NegativeInfinity])]));
    }

    [Fact]
    public void CorrectedP_NothingDiffers_IsOne() => Assert.Equal([1, 1], NullSweeps.CorrectedP([new(0, [0, 0, 0]), new(2, [2, 2, 2])]));

    [Fact]
    public void CorrectedP_UnequalNumbersOfControls_IsRefused() => Assert.Throws<ArgumentException>(() => NullSweeps.CorrectedP([new(0, [0]), new(0, [0, 1])]));

    /// <summary>Bottlenecks that are random sets themselves: dependent rows, heavy tails, 19 null sweeps, so that one p in twenty is 0.05.</summary>
    [Fact]
    public void CorrectedP_ExchangeableSweeps_FindNoMoreThanTheLevel()
    {
        var random = new Random(20);
        var found = 0;
        for (var replicate = 0; replicate < 4_000; replicate++)
        {
            double[][] effects = [.. Enumerable.Range(0, 20).Select(_ =>
            {
                var shared = Pairs.Normal(random, 1)[0];
                return Enumerable.Range(0, 6).Select(row => Math.Exp(row * Pairs.Normal(random, 1)[0] / 2) + shared).ToArray();
            })];
            ControlledEffect[] family = [.. Enumerable.Range(0, 6).Select(row => new ControlledEffect(effects[0][row], [.. effects[1..].Select(sweep => sweep[row])]))];
            found += NullSweeps.CorrectedP(family).Any(p => p <= 0.05) ? 1 : 0;
        }

        // 200 expected, standard deviation 13.8.
        Assert.InRange(found, 150, 250);
    }
}
