using Sweep.Dashboard.Reading;
using Xunit;

namespace Sweep.Dashboard.Tests.Reading;

public sealed class LinksTests
{
    [Fact]
    public void Cell_NamesWithAnything_AreEscaped() =>
        Assert.Equal("/sweeps/s/cell?model=a%20%26b&benchmark=x%3Fy&bottleneck=%23z&scalar=0.1", Links.Cell("s", "a &b", "x?y", "#z", 0.1));

    [Fact]
    public void Items_FirstPageOfAll_NamesNeither() =>
        Assert.Equal("/sweeps/s/items?model=m&benchmark=b&bottleneck=n", Links.Items("s", "m", "b", "n", null));

    [Theory]
    [InlineData(null, true, null)]
    [InlineData("0.05", true, 0.05)]
    [InlineData("-1e-3", true, -0.001)]
    [InlineData("much", false, null)]
    public void TryScalar_Text_IsANumberOrNone(string? text, bool isOne, double? scalar)
    {
        Assert.Equal(isOne, Links.TryScalar(text, out var found));
        Assert.Equal(scalar, found);
    }
}
