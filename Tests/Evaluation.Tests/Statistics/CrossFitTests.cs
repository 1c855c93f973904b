using Sweep.Evaluation.Statistics;
using Xunit;

namespace Sweep.Evaluation.Tests.Statistics;

public sealed class CrossFitTests
{
    private static readonly string[] Four = ["a", "b", "c", "d"];
    private static readonly int[] TwoFolds = [0, 0, 1, 1];

    [Fact]
    public void Choose_EachFold_TakesWhatIsBestOnTheOthers()
    {
        // 1 is best on the first fold's groups and 2 on the second's: each is given to the other.
        var choice = new CrossFit(Four, TwoFolds, [[0, 0, 0, 0], [3, 1, -1, -1], [-2, -2, 2, 1]]);
        Assert.Equal([2, 1], choice.Choose());
    }

    [Fact]
    public void Choose_FlippedGroups_ChooseAnew()
    {
        var choice = new CrossFit(Four, TwoFolds, [[0, 0, 0, 0], [3, 1, -1, -1], [-2, -2, 2, 1]]);
        var chosen = new int[2];
        choice.Choose([true, true, true, true], chosen);
        Assert.Equal([1, 2], chosen);
        choice.Choose([true, false, false, false], chosen);

        // On the first fold now −3 + 1 against 2 − 2: nothing is better than nothing.
        Assert.Equal([2, 0], chosen);
    }

    [Fact]
    public void Choose_EqualOnes_TakesTheFirst() => Assert.Equal([0, 0], new CrossFit(Four, TwoFolds, [[0, 0, 0, 0], [1, -1, 1, -1], [0, 0, 0, 0]]).Choose());

    [Fact]
    public void Choose_SpoiltGroup_BarsOtherFoldsOnly()
    {
        var choice = new CrossFit(Four, TwoFolds, [[0, 0, 0, 0], [5, 5, 5, 5]], [[false, false, false, false], [true, false, false, false]]);
        Assert.Equal([1, 0], choice.Choose());
    }

    [Fact]
    public void Choose_MoreConfigurationsThanAVector_FindsTheBest()
    {
        var gains = Enumerable.Range(0, 29).Select(one => new double[] { one == 17 ? 1 : 0, 0, one == 23 ? 1 : 0, 0 }).ToArray();
        Assert.Equal([23, 17], new CrossFit(Four, TwoFolds, gains).Choose());
    }
}
