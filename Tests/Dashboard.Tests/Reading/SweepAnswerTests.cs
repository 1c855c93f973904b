using Sweep.Contracts.Results;
using Sweep.Dashboard.Reading;
using Xunit;
using static Sweep.Dashboard.Tests.Cells;

namespace Sweep.Dashboard.Tests.Reading;

public sealed class SweepAnswerTests
{
    [Fact]
    public void Of_EnoughControls_CountsBottlenecksThatBeatThem()
    {
        var answer = SweepAnswer.Of(Summary(
            Row("a", EffectVerdict.Better, effect: 0.3, correctedRankP: 0.01, controls: 40),
            Row("a", benchmark: "drop", correctedRankP: 0.9, controls: 40),
            Row("b", EffectVerdict.Better, effect: 0.2, correctedRankP: 0.2, controls: 40),
            Row("c", EffectVerdict.Worse, effect: -0.2, correctedRankP: 1, controls: 40)));

        Assert.Equal("1 of 3 bottlenecks beats its controls.", answer.Headline);
        Assert.StartsWith("Of 4 comparisons on test items", answer.Basis, StringComparison.Ordinal);
        Assert.Equal((2, 1), (answer.Better.Count, answer.Worse.Count));
    }

    [Fact]
    public void Of_TooFewControls_ClaimsNothingAboutThem()
    {
        var answer = SweepAnswer.Of(Summary(Row("a", EffectVerdict.Better, effect: 0.3, controls: 4, rankOnly: true), Row("b", controls: 4, rankOnly: true)));

        Assert.Equal("1 of 2 bottlenecks raises a score.", answer.Headline);
        Assert.Contains("too few random controls", answer.Basis, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_NoControls_SaysWhatThatLeavesOpen() =>
        Assert.Contains("no random controls", SweepAnswer.Of(Summary(Row("a", EffectVerdict.Better, effect: 0.3))).Basis, StringComparison.Ordinal);

    [Fact]
    public void Of_NoRows_SaysSo() => Assert.Equal("No test item has been measured yet.", SweepAnswer.Of(Summary()).Headline);
}
