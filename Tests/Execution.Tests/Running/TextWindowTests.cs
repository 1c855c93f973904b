using CsCheck;
using Sweep.Execution.Running;

namespace Sweep.Execution.Tests.Running;

public sealed class TextWindowTests
{
    [Fact]
    public void Of_AnyLengths_ScoresEveryTokenButTheFirstOnceWithContextWithinTheWindow() =>
        Gen.Select(Gen.Int[1, 400], Gen.Int[1, 90], Gen.Int[1, 90]).Where((_, window, stride) => stride <= window).Sample((tokens, window, stride) =>
        {
            var windows = TextWindow.Of(tokens, window, stride);
            var scored = windows.SelectMany(one => Enumerable.Range(one.Start + one.FirstScored, one.Length - one.FirstScored)).ToArray();
            Assert.Equal(Enumerable.Range(1, tokens - 1), scored);
            foreach (var one in windows)
            {
                Assert.InRange(one.FirstScored, 1, one.Length);
                Assert.InRange(one.Length - 1, 0, Math.Max(window, tokens <= window + 1 ? tokens - 1 : window));
                Assert.InRange(one.Start, 0, tokens - one.Length);
            }

            // Every later window scores a stride and reads as far back as it may.
            Assert.All(windows.Skip(1).SkipLast(1), one => Assert.Equal((window + 1, window + 1 - stride), (one.Length, one.FirstScored)));
        });

    [Fact]
    public void Of_NoWindow_IsTheWholeText() => Assert.Equal([new TextWindow(0, 5_000, 1)], TextWindow.Of(5_000, null, 1));

    /// <summary>A stride as long as the window: neighbours share the token that the next one is predicted from.</summary>
    [Fact]
    public void Of_StrideOfTheWindow_SharesOneToken() =>
        Assert.Equal([new TextWindow(0, 5, 1), new TextWindow(4, 5, 1), new TextWindow(6, 5, 3)], TextWindow.Of(11, 4, 4));
}
