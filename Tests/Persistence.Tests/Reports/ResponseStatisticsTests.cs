using Sweep.Persistence.Reports;
using Xunit;

namespace Sweep.Persistence.Tests.Reports;

public sealed class ResponseStatisticsTests
{
    [Theory]
    [InlineData("no no no", true)]
    [InlineData("a b a b a b", true)]
    [InlineData("x a b c d e f g h a b c d e f g h a b c d e f g h y", true)]
    [InlineData("no no", false)]
    [InlineData("a b a b a", false)]
    [InlineData("a b c a b d a b e", false)]
    [InlineData("", false)]
    public void IsRepeated_Words_TakesThreeRoundsInARow(string text, bool expected) =>
        Assert.Equal(expected, ResponseStatistics.IsRepeated(text.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
}
