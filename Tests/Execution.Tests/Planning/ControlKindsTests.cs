using Sweep.Contracts.Plans;
using Sweep.Execution.Calibration;
using Sweep.Execution.Planning;
using Sweep.Execution.Planning.Controls;
using Sweep.Models.Steering;

namespace Sweep.Execution.Tests.Planning;

/// <summary>What each kind of control is, by its definition.</summary>
public sealed class ControlKindsTests
{
    [Fact]
    public void Of_EveryKind_ComesInTheOrderOfKinds()
    {
        var plan = new ControlsPlan { Random = 2, NormMatched = 3, VarianceMatched = 4, Complement = true, EqualNorm = true, OtherLayers = 2, OtherChannels = 5 };
        var kinds = ControlCatalog.Of(Bottleneck([1, 5, 9]), plan).GroupBy(control => control.Kind).Select(group => (group.Key, group.Count()));
        Assert.Equal(
            [
                (ControlKind.Random, 2), (ControlKind.NormMatched, 3), (ControlKind.VarianceMatched, 4), (ControlKind.Complement, 1), (ControlKind.EqualNorm, 1),
                (ControlKind.OtherLayer, 2), (ControlKind.OtherChannels, 5),
            ],
            kinds);
    }

    [Fact]
    public void Of_OnlyRandom_AreTheSetsThatAlwaysWere()
    {
        var bottleneck = Bottleneck([1, 5, 9]);
        var sets = ControlCatalog.Of(bottleneck, new ControlsPlan { Random = 4 }).ToArray();
        Assert.Equal(RandomSets.Draw(bottleneck.Own, [32], 4, 7, "hash", "b").Select(set => set[0]), sets.Select(control => control.Channels[0]));
        Assert.All(sets, control => Assert.Equal((ControlKind.Random, "random 3"), (control.Kind, control.Recipe)));
    }

    /// <summary>Pinned: what a stored sweep was compared with, it is compared with for ever.</summary>
    [Fact]
    public void Draw_Random_AreTheRecordedSets() =>
        Assert.Equal([[44, 59, 85, 145], [56, 79, 136, 146]], RandomSets.Draw([[1, 2, 3, 4]], [192], 2, 5, "h", "b").Select(set => set[0]));

    [Theory]
    [InlineData(ControlKind.NormMatched)]
    [InlineData(ControlKind.VarianceMatched)]
    public void Draw_Matched_IsNearInItsScoreAndNowhereElse(ControlKind kind)
    {
        // Squares grow with the channel, variances fall.
        var own = new[] { 10, 16, 22 };
        var sets = MatchedSets.Draw(Bottleneck(own), kind, 12);
        Assert.Equal(12, sets.Select(control => string.Join(',', control.Channels[0])).Distinct().Count());
        foreach (var control in sets)
        {
            Assert.Empty(control.Channels[0].Intersect(own));
            Assert.Equal(control.Channels[0].Order(), control.Channels[0]);
            Assert.All(own.Zip(control.Channels[0]), pair => Assert.InRange(pair.Second - pair.First, -5, 5));
        }
    }

    [Fact]
    public void Draw_HighestChannelsMatched_SaysHowFarTheyAreFromMatching()
    {
        var control = Assert.Single(MatchedSets.Draw(Bottleneck([30, 31]), ControlKind.NormMatched, 1));

        // Four choices for each of two: from 26 to 29 and 25 to 29; squares are (channel + 1)².
        var ratio = Math.Sqrt(control.Channels[0].Sum(channel => (channel + 1.0) * (channel + 1.0)) / ((31 * 31) + (32 * 32)));
        Assert.Equal(FormattableString.Invariant($"norm-matched 2 (norm ×{ratio:0.00})"), control.Recipe);
        Assert.InRange(ratio, 0.8, 0.96);
    }

    [Fact]
    public void Draw_MatchedOrDisjointOfMoreThanHalf_AreNone()
    {
        var bottleneck = Bottleneck([.. Enumerable.Range(0, 17)]);
        Assert.Empty(MatchedSets.Draw(bottleneck, ControlKind.NormMatched, 3));
        Assert.Empty(DisjointSets.Draw(bottleneck, 3));
        Assert.Equal(15, Assert.Single(ComplementSet.Of(bottleneck)).Channels[0].Length);
    }

    [Fact]
    public void Draw_Disjoint_HasNoneOfTheBottlenecksChannels()
    {
        var sets = DisjointSets.Draw(Bottleneck([0, 1, 2, 3]), 20);
        Assert.Equal(20, sets.Select(control => string.Join(',', control.Channels[0])).Distinct().Count());
        Assert.All(sets, control => Assert.All(control.Channels[0], channel => Assert.InRange(channel, 4, 31)));
        Assert.All(sets, control => Assert.Equal(4, control.Channels[0].Length));
    }

    /// <summary>One set exists; it is drawn once.</summary>
    [Fact]
    public void Draw_DisjointOfHalf_IsTheOtherHalf() => Assert.Equal(Enumerable.Range(16, 16), Assert.Single(DisjointSets.Draw(Bottleneck([.. Enumerable.Range(0, 16)]), 3)).Channels[0]);

    [Fact]
    public void Of_Complement_IsTheRest() => Assert.Equal(Enumerable.Range(0, 32).Except([1, 5]), Assert.Single(ComplementSet.Of(Bottleneck([1, 5]))).Channels[0]);

    [Fact]
    public void Of_ComplementOfAllOrOfAnAddition_IsNone()
    {
        Assert.Empty(ComplementSet.Of(Bottleneck([.. Enumerable.Range(0, 32)])));
        Assert.Empty(ComplementSet.Of(Bottleneck([1, 5], Operation.Add)));
    }

    [Fact]
    public void Of_EqualNorm_GivesTheOutputTheNormOfTheBottleneck()
    {
        var bottleneck = Bottleneck([3, 20, 31]);
        var control = Assert.Single(EqualNormSet.Of(bottleneck));
        Assert.Equal(Enumerable.Range(0, 32), control.Channels[0]);
        Assert.Equal(4, control.Scalars!.Count);
        Assert.Contains(1.0, control.Scalars);
        var squares = bottleneck.Squares(0);
        foreach (var (scalar, factor) in new[] { 0.0, 0.5, 1, 3 }.Zip(control.Scalars))
        {
            var steered = squares.Index().Sum(pair => pair.Item * (bottleneck.Own[0].Contains(pair.Index) ? scalar * scalar : 1));
            Assert.Equal(Math.Sqrt(steered), factor * Math.Sqrt(squares.Sum()), 1e-4 * Math.Sqrt(steered));
        }
    }

    [Fact]
    public void Of_EqualNormOfAllOfAnAblationOrOfTwoParts_IsNone()
    {
        Assert.Empty(EqualNormSet.Of(Bottleneck([.. Enumerable.Range(0, 32)])));
        Assert.Empty(EqualNormSet.Of(Bottleneck([1], Operation.ZeroAblate)));
        var two = Bottleneck([1]);
        Assert.Empty(EqualNormSet.Of(two with { Own = [[1], [1]], Bottleneck = two.Bottleneck with { Parts = [two.Parts[0], two.Parts[0] with { Layer = 4 }] } }));
    }

    [Theory]
    [InlineData(0, new int[0])]
    [InlineData(1, new[] { 1 })]
    [InlineData(2, new[] { -1, 2 })]
    [InlineData(5, new[] { -2, -1, 1, 2, 3 })]
    [InlineData(99, new[] { -2, -1, 1, 2, 3 })]
    public void Shifts_OfLayerTwoOfSix_AreSpreadEvenly(int count, int[] expected) => Assert.Equal(expected, ShiftedSets.Shifts(Bottleneck([1]).Bottleneck, 6, count));

    [Fact]
    public void Shifts_PartsAtFirstAndLastLayer_AreNone()
    {
        var bottleneck = Bottleneck([1]).Bottleneck;
        Assert.Empty(ShiftedSets.Shifts(bottleneck with { Parts = [bottleneck.Parts[0] with { Layer = 0 }, bottleneck.Parts[0] with { Layer = 5 }] }, 6, 3));
    }

    private static ControlledBottleneck Bottleneck(int[] channels, Operation operation = Operation.Scale)
    {
        var part = new OpenPart
        {
            Layer = 2,
            Site = Site.MixerOutput,
            Width = 32,
            Operation = operation,
            Positions = PositionScope.All,
            Channels = new ChannelsPlan { Explicit = channels },
        };
        return new ControlledBottleneck
        {
            Bottleneck = new OpenBottleneck { Name = "b", Parts = [part], Scalars = [0, 0.5, 1, 3] },
            Own = [channels],
            Layers = 6,
            WeightsHash = "hash",
            Seed = 7,
            Statistics = new Dictionary<(int Layer, Site Site), SiteStatistics>
            {
                [part.Place] = new()
                {
                    Means = new double[32],
                    Variances = [.. Enumerable.Range(0, 32).Select(channel => 1.0 / (channel + 1))],
                    Squares = [.. Enumerable.Range(0, 32).Select(channel => (channel + 1.0) * (channel + 1.0))],
                },
            },
        };
    }
}
