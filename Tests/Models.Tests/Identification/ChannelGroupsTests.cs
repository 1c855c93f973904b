using Sweep.Models.Identification;
using Xunit;

namespace Sweep.Models.Tests.Identification;

public sealed class ChannelGroupsTests
{
    /// <summary>Channels 0-4 follow one course over 12 texts, 5-7 another, 8-9 a third, each with its own size, offset and a little noise; 10 never moves.</summary>
    private static double[][] Planted(int seed)
    {
        var random = new Random(seed);
        var courses = Enumerable.Range(0, 3).Select(course => Enumerable.Range(0, 12).Select(text => Math.Sin((course + 1) * text)).ToArray()).ToArray();
        int[] of = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2];
        var sizes = of.Select((_, channel) => Math.Pow(10, channel % 4)).ToArray();
        return [.. Enumerable.Range(0, 12).Select(text => (double[])[.. of.Select((course, channel) => sizes[channel] * (7 + courses[course][text] + (0.05 * random.NextDouble()))), 3.0])];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Of_ChannelsThatMoveTogether_FindsTheGroupsWhateverTheirSizes(int seed)
    {
        var groups = ChannelGroups.Of(Planted(seed), 3, (ulong)seed);

        Assert.Equal([0, 0, 0, 0, 0, 1, 1, 1, 2, 2, -1], groups.Assignments);
        Assert.All(groups.Closeness.Take(10), closeness => Assert.InRange(closeness!.Value, 0.98, 1 + 1e-12));
        Assert.Null(groups.Closeness[10]);
    }

    [Fact]
    public void Of_OneGroup_HasTheSpreadAboutTheMean()
    {
        double[][] means = [[1, 0], [0, 1], [-1, 0], [0, -1]];

        var groups = ChannelGroups.Of(means, 1, 1);

        // Two channels at right angles, of length 1: their mean is half a diagonal away from each.
        Assert.Equal([0, 0], groups.Assignments);
        Assert.Equal(1, groups.Spread, 12);
    }

    [Fact]
    public void Of_MoreGroupsThanDifferentChannels_MakesNoEmptyOnes()
    {
        double[][] means = [[1, 2, 5], [3, 6, 1], [2, 4, 7]];

        var groups = ChannelGroups.Of(means, 3, 1);

        Assert.Equal([0, 0, 1], groups.Assignments);
        Assert.Equal(0, groups.Spread, 12);
    }

    [Fact]
    public void Of_ChannelsThatNeverMove_PutsThemNowhere() => Assert.Equal([-1, -1], ChannelGroups.Of([[1, 2], [1, 2]], 2, 1).Assignments);
}
