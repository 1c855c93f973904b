using CsCheck;
using Sweep.Dashboard.Figures;
using Xunit;

namespace Sweep.Dashboard.Tests.Figures;

public sealed class SeriesTests
{
    private static readonly Gen<(double[] Values, int Most)> Long =
        from most in Gen.Int[4, 40]
        from values in Gen.Double[-1e6, 1e6].Array[most + 1, 500]
        select (values, most);

    [Fact]
    public void Thin_LongSeries_HasNoMorePointsThanAskedFor() => Long.Sample(series => Assert.InRange(Thin(series).Length, 3, series.Most));

    [Fact]
    public void Thin_LongSeries_IsPartOfItInItsOrder() => Long.Sample(series =>
    {
        var left = Thin(series);
        Assert.Equal(left.Order(), left);
        Assert.Distinct(left);
    });

    [Fact]
    public void Thin_LongSeries_KeepsEndsAndExtremes() => Long.Sample(series =>
    {
        var left = Thin(series);
        Assert.Equal((0, series.Values.Length - 1), (left[0], left[^1]));
        var values = left.Select(index => series.Values[index]).ToArray();
        Assert.Equal((series.Values.Min(), series.Values.Max()), (values.Min(), values.Max()));
    });

    [Fact]
    public void Thin_PointsToKeep_AreThere() => Long.Sample(series =>
    {
        var kept = series.Values.Length / 3;
        var left = Series.Thin([.. Enumerable.Range(0, series.Values.Length)], index => series.Values[index], index => index == kept, Math.Max(5, series.Most));
        Assert.Contains(kept, left);
        Assert.InRange(left.Length, 3, Math.Max(5, series.Most));
    });

    [Fact]
    public void Thin_ShortSeries_IsItself() => Gen.Double.Array[0, Series.Most].Sample(values => Assert.Equal(values, Series.Thin(values, value => value)));

    [Fact]
    public void ResponseCurve_MoreScalarsThanCanBeToldApart_DrawsFewAndTellsAll()
    {
        EffectCell[] cells = [.. Enumerable.Range(0, 1_000).Select(index => Cells.Cell("b", 0.01 * index, Math.Sin(index) / 10))];
        var figure = ResponseCurve.Draw(cells, new Dictionary<(string, double?), Sweep.Persistence.Reports.ControlBand>())!;
        // The first part is the frame with the curve, the others are points.
        Assert.InRange(figure.Parts.Count - 1, 250, Series.Most);
        Assert.Equal(1_000, figure.Table.Rows.Count);
    }

    private static int[] Thin((double[] Values, int Most) series) => Series.Thin([.. Enumerable.Range(0, series.Values.Length)], index => series.Values[index], most: series.Most);
}
