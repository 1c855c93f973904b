using CsCheck;
using Sweep.Evaluation.Racing;
using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Racing;

public sealed class RaceTests
{
    [Fact]
    public void Schedule_OfAnyGrid_HalvesToOneOnAllItemsWithinItsBudget() =>
        Gen.Select(Gen.Int[1, 700], Gen.Int[1, 3000], Gen.Double[1, 6]).Sample((configurations, items, saving) =>
        {
            var rounds = HalvingSchedule.Of(configurations, items, saving);
            Assert.Equal(configurations, rounds[0].Configurations);
            Assert.Equal(items, rounds[^1].Items);
            Assert.All(rounds.Zip(rounds.Skip(1)), pair =>
            {
                Assert.Equal((pair.First.Configurations + 1) / 2, pair.Second.Configurations);
                Assert.True(pair.First.Items <= pair.Second.Items);
            });
            Assert.InRange(rounds[^1].Configurations, 1, 2);
            // Where the budget cannot be kept the first round is the shortest.
            Assert.True(HalvingSchedule.ItemRuns(rounds) <= configurations * (double)items / saving || rounds[0].Items <= 8 || configurations == 1);
        });

    [Fact]
    public void Schedule_Of580On2000AtAQuarter_BeginsWithAsManyItemsAsTheQuarterPays()
    {
        var rounds = HalvingSchedule.Of(580, 2_000, 4);
        Assert.Equal([580, 290, 145, 73, 37, 19, 10, 5, 3, 2], rounds.Select(round => round.Configurations));
        var runs = HalvingSchedule.ItemRuns(rounds);
        Assert.InRange(runs, 290_000 - 600, 290_000);
        Assert.Equal(runs, rounds.Zip(rounds.Prepend(default), (round, before) => (long)round.Configurations * (round.Items - before.Items)).Sum());
    }

    [Fact]
    public void Halving_OfKnownEffects_KeepsTheBetterHalfAndEndsWithTheBest()
    {
        var race = new HalvingRace([new(5, 10), new(3, 20), new(2, 40)]);
        Assert.Equal((null, 0..10), (race.Winner, race.Items));
        race.EndRound([1, 5, 3, 5, 2]);
        Assert.Equal([1, 2, 3], race.Running);
        Assert.Equal(10..20, race.Items);
        // The later items overrule the earlier ones: 5, 9 and 4 of 20.
        race.EndRound([0, 6, -1]);
        Assert.Equal([1, 2], race.Running);
        race.EndRound([20, 1]);

        Assert.True(race.IsOver);
        Assert.Equal(1, race.Winner);
        Assert.Equal([(0.1, 10), (25.0 / 40, 40), (10.0 / 40, 40), (4.0 / 20, 20), (0.2, 10)], Enumerable.Range(0, 5).Select(one => (race.Mean(one), race.ItemsOf(one))));
        Assert.Throws<InvalidOperationException>(() => race.EndRound([1, 2]));
    }

    [Fact]
    public void Halving_WithTheWrongNumberOfSums_Refuses()
    {
        Assert.Throws<ArgumentException>(() => new HalvingRace([]));
        Assert.Throws<ArgumentException>(() => new HalvingRace([new(3, 10)]).EndRound([1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => HalvingSchedule.Of(0, 10, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => HalvingSchedule.Of(10, 0, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => HalvingSchedule.Of(10, 10, 0.5));
    }

    [Fact]
    public void Elimination_OfAClearWinner_DropsTheRestAndNeverTheLeader()
    {
        var race = new EliminationRace(3, 0.05);
        race.Look([(2, 2), (5, 1), (0, 0)], 10);
        Assert.Equal([0, 1, 2], race.Running);
        race.Look([(100, 100), (400, 20), (20, 300)], 990);
        Assert.Equal([1], race.Running);
        Assert.Equal(1, race.Leader);
        Assert.True(race.Bounds(1).Low > race.Bounds(0).High);
    }

    [Fact]
    public void Elimination_OfManyEqualOnesAndOneBetter_DropsTheBestInFewerThanFivePercent()
    {
        var random = new SplitMix64(14);
        var dropped = 0;
        for (var run = 0; run < 100; run++)
        {
            var race = new EliminationRace(12, 0.05);
            for (var look = 0; look < 6; look++)
                race.Look([.. race.Running.Select(one => Draw(one == 7 ? 0.16 : 0.12, 50, ref random))], 50);
            dropped += race.Running.Contains(7) ? 0 : 1;
        }

        Assert.InRange(dropped, 0, 13);
    }

    private static (int Gained, int Lost) Draw(double gain, int items, ref SplitMix64 random)
    {
        var (gained, lost) = (0, 0);
        for (var item = 0; item < items; item++)
        {
            var draw = random.Below(1000) / 1e3;
            gained += draw < gain ? 1 : 0;
            lost += draw >= 0.88 ? 1 : 0;
        }

        return (gained, lost);
    }
}
