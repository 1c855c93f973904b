using System.Text;
using System.Xml.Linq;
using Sweep.Contracts.Results;
using Sweep.Dashboard.Figures;
using Sweep.Persistence.Reports;
using Xunit;
using static Sweep.Dashboard.Tests.Cells;

namespace Sweep.Dashboard.Tests.Figures;

public sealed class FigureTests
{
    private static readonly Dictionary<(string, double?), ControlBand> NoBands = [];

    [Fact]
    public void HeatMap_Cells_StandInTheirRowsAndColumnsWithFiguresIntervalsAndLinks()
    {
        var figure = HeatMap.ByScalar("title", [Cell("a", 1, 0), Cell("a", 0.5, 0.31, p: 0.01), Cell("b", 0.5, -0.06), Cell("b", 1, null)]);
        var svg = Svg(figure);

        Assert.Equal(["×0.5", "×1"], Texts(svg, "tick").Skip(1));
        Assert.Equal(["a", "b"], Texts(svg, "name"));
        Assert.Equal(["0.0", "+31.0 ●", "-6.0", ""], Texts(svg, "in"));
        Assert.Equal(["-10.0…+10.0", "+21.0…+41.0", "-16.0…+4.0", ""], Texts(svg, "under"));
        Assert.Equal(["z", "g4", "h2", "none"], svg.Descendants().Where(Has("cell")).Select(cell => Classes(cell)[1]));
        Assert.Single(svg.Descendants(), element => Has("sure")(element));
        Assert.Equal(4, svg.Descendants().Count(element => element.Name.LocalName == "a" && element.Attribute("href")!.Value.StartsWith("/sweeps/s/cell", StringComparison.Ordinal)));
        Assert.Contains("on 24 test items, points", figure.Caption, StringComparison.Ordinal);
        Assert.Equal("title: 3 of 4 cells measured, 1 significant after correction", figure.Label);
        Assert.Equal(["a", "squad", "3", "0.5", "+31.0", "+21.0 to +41.0", "24", "0.010", "-"], figure.Table.Rows[1]);
    }

    [Fact]
    public void HeatMap_RunningSweep_SaysHowManyItemsThereAreAndCorrectsNothing()
    {
        var figure = HeatMap.ByScalar("title", [Cell("a", 2, 0.2, of: 50)]);
        var svg = Svg(figure);

        Assert.Equal(["24 of 50"], Texts(svg, "under"));
        Assert.Contains("a ×2: +20.0 points, rough 95 % interval +10.0 to +30.0, 24 of 50 test items so far", svg.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("p ≤ 0.05", figure.Caption, StringComparison.Ordinal);
        Assert.Single(svg.Descendants(), element => Has("open")(element));
    }

    [Fact]
    public void HeatMap_OneCellChanges_OnePartOfTheDrawingDoes()
    {
        var before = HeatMap.ByScalar("title", [Cell("a", 1, 0), Cell("a", 2, 0.1), Cell("b", 1, 0.2), Cell("b", 2, null)]);
        var after = HeatMap.ByScalar("title", [Cell("a", 1, 0), Cell("a", 2, 0.1), Cell("b", 1, 0.2), Cell("b", 2, 0.3)]);

        Assert.Equal(1, before.Parts.Zip(after.Parts).Count(pair => pair.First.Text != pair.Second.Text));
    }

    [Fact]
    public void Names_ThatLookLikeMarkup_AreText()
    {
        var svg = FigureFile.Svg(HeatMap.ByScalar("<script>", [Cell("<b onclick=\"x\">", 1, 0)]));

        var document = XDocument.Parse(Encoding.UTF8.GetString(svg));
        Assert.DoesNotContain(document.Descendants(), element => element.Name.LocalName is "script" or "b");
    }

    [Fact]
    public void ResponseCurve_WithControls_HasABandFromLowestToHighest()
    {
        var bands = new Dictionary<(string, double?), ControlBand>
        {
            [("a", 1)] = new() { Sets = 5, Lowest = -0.02, Median = 0, Highest = 0.02 },
            [("a", 2)] = new() { Sets = 5, Lowest = -0.3, Median = -0.1, Highest = 0.1 },
        };

        var figure = ResponseCurve.Draw([Cell("a", 2, 0.4), Cell("a", 1, 0)], bands)!;

        Assert.Equal(["-30.0", "-10.0", "+10.0"], figure.Table.Rows[1].TakeLast(3));
        Assert.Contains("5 random control sets", figure.Caption, StringComparison.Ordinal);
        Assert.Contains("n 24 test items", figure.Caption, StringComparison.Ordinal);
        Assert.Single(Svg(figure).Descendants(), element => element.Name.LocalName == "polygon");
    }

    [Fact]
    public void ResponseCurve_OneScalar_IsNoCurve() => Assert.Null(ResponseCurve.Draw([Cell("a", 2, 0.4), Cell("a", 1, null)], NoBands));

    [Fact]
    public void ForestPlot_Rows_HaveIntervalCountAndVerdict()
    {
        var figure = ForestPlot.Draw("title", [Row("a", EffectVerdict.Better, effect: 0.3), Row("b")], NoBands, 0.02, row => $"/{row.Bottleneck}")!;

        Assert.Equal(["+30.0 (+20.0 to +40.0) better", "0.0 (-10.0 to +10.0) undecided"], Texts(Svg(figure), "value"));
        Assert.Equal("24", figure.Table.Rows[0][6]);
        Assert.Contains("24 test items", figure.Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void HarmPlot_NoPlainTextInThePlan_IsNotDrawn() => Assert.Null(HarmPlot.Draw("title", [Row("a")], _ => "/"));

    [Fact]
    public void HarmPlot_HugeHarm_StandsAtTheEdgeAndSaysSo()
    {
        var figure = HarmPlot.Draw("title", [Row("a", effect: 0.1, perplexity: 8.5), Row("b", perplexity: -0.1)], _ => "/")!;

        Assert.Contains("beyond 100 %", figure.Caption, StringComparison.Ordinal);
        Assert.Equal("+850.0 %", figure.Table.Rows[0][5]);
    }

    [Fact]
    public void ParallelPlot_TwoBenchmarks_HasALineABottleneck()
    {
        var figure = ParallelPlot.Draw("title", [Row("a", effect: 0.1), Row("b"), Row("a", benchmark: "drop", effect: -0.2), Row("b", benchmark: "drop")])!;

        Assert.Equal(2, Svg(figure).Descendants().Count(Has("path")));
        Assert.Equal(["a", "+10.0 (0.0 to +20.0), n 24", "-20.0 (-30.0 to -10.0), n 24"], figure.Table.Rows[0]);
    }

    [Fact]
    public void Histogram_ManyItems_CountsEachOnceAndHasABarForNoChange()
    {
        double[] effects = [.. Enumerable.Repeat(0.0, 7), .. Enumerable.Repeat(1.0, 4), -1];

        var bins = Histogram.Bins(effects);

        Assert.Equal(12, bins.Sum(bin => bin.Count));
        Assert.Equal(7, Assert.Single(bins, bin => bin.From < 0 && bin.To > 0).Count);
        Assert.Equal((1, 4), (bins[0].Count, bins[^1].Count));
    }

    [Fact]
    public void Csv_FieldsThatAreFormulasOrHaveCommas_AreText()
    {
        var figure = HeatMap.ByScalar("t", [Cell("=1+1, or so", 1, 0.1)]);

        var lines = Encoding.UTF8.GetString(FigureFile.Csv(figure)).Split('\n');

        Assert.StartsWith("\"'=1+1, or so\",squad,3,1,+10.0,", lines[1], StringComparison.Ordinal);
    }

    private static XElement Svg(Figure figure) => XDocument.Parse(Encoding.UTF8.GetString(FigureFile.Svg(figure))).Root!;

    private static string[] Texts(XElement svg, string name) => [.. svg.Descendants().Where(element => element.Name.LocalName == "text" && Has(name)(element) && !(name == "in" && Has("under")(element)))
        .Select(text => string.Concat(text.Nodes().OfType<XText>().Select(node => node.Value)).Trim())];

    private static Func<XElement, bool> Has(string name) => element => Classes(element).Contains(name);

    private static string[] Classes(XElement element) => element.Attribute("class")?.Value.Split(' ') ?? [];
}
