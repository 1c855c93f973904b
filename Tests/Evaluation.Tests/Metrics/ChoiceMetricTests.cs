using Sweep.Evaluation.Metrics;
using Xunit;

namespace Sweep.Evaluation.Tests.Metrics;

public sealed class ChoiceMetricTests
{
    /// <summary>Per nat: -4, -6, -13.5; per character: -4, -1.5, -4.5; per byte: -4, -1.5, -1.5, of which the first is taken.</summary>
    [Theory]
    [InlineData(0, 1, 0, 0)]
    [InlineData(1, 0, 1, 1)]
    [InlineData(2, 0, 0, 0)]
    public void Score_LengthsThatDiffer_TurnTheChoice(int gold, double acc, double norm, double bytes)
    {
        var scores = ChoiceMetric.Score(["a", "bbbb", "漢字字"], [-4, -6, -13.5], gold);
        Assert.Equal((acc, norm, bytes), (scores["acc"], scores["acc_norm"], scores["acc_bytes"]));
    }

    /// <summary>A fox is two UTF-16 units, one character and four bytes.</summary>
    [Fact]
    public void Score_CharacterOutsideTheFirstPlane_CountsOnce()
    {
        var scores = ChoiceMetric.Score(["🦊", "abc"], [-1, -2.4], 0);
        Assert.Equal((1.0, 0.0, 1.0), (scores["acc"], scores["acc_norm"], scores["acc_bytes"]));
    }

    [Fact]
    public void Score_Ties_TakeTheFirst() => Assert.All(ChoiceMetric.Score(["ab", "cd"], [-2, -2], 1).Values, score => Assert.Equal(0, score));
}
