using Sweep.Dashboard.Reading;
using Xunit;

namespace Sweep.Dashboard.Tests.Reading;

public sealed class WordDiffTests
{
    [Theory]
    [InlineData("the red dog", "the blue dog", "the |[red ]|dog", "the |[blue ]|dog")]
    [InlineData("same words", "same words", "same words", "same words")]
    [InlineData("", "new", "", "[new]")]
    [InlineData("a b c", "c", "[a b ]|c", "c")]
    public void Of_Texts_MarksWhatTheOtherHasNot(string before, string after, string left, string right)
    {
        var (one, other) = WordDiff.Of(before, after);

        Assert.Equal((left, right), (Shown(one), Shown(other)));
    }

    [Fact]
    public void Of_LongTexts_AreShownWhole()
    {
        var (one, other) = WordDiff.Of(string.Concat(Enumerable.Repeat("word ", 5000)), "short");

        Assert.Equal((1, 1), (one.Count, other.Count));
    }

    private static string Shown(IEnumerable<DiffPart> parts) => string.Join('|', parts.Select(part => part.IsChanged ? $"[{part.Text}]" : part.Text));
}
