using Sweep.Dashboard.Figures;
using Xunit;

namespace Sweep.Dashboard.Tests.Figures;

public sealed class ScorePlotTests
{
    [Fact]
    public void Draw_ManyChannels_MarksEveryChosenOneAndFewOfTheRest()
    {
        float?[] scores = [.. Enumerable.Range(0, 5120).Select(channel => (float?)(1.0 / (channel + 1)))];

        var figure = ScorePlot.Draw("scores", "variance", scores, [0, 1, 700, 5000], "Halves agree.")!;

        Assert.Equal(4, figure.Parts[0].Text.Split("<circle").Length - 1);
        var line = figure.Parts[0].Text.Split("<polyline")[1].Split("points=\"")[1].Split('"')[0];
        Assert.InRange(line.Split(' ').Length, 4, Series.Most);
        Assert.Contains("n 5120 channels, 4 of them chosen", figure.Caption, StringComparison.Ordinal);
        Assert.EndsWith("logarithmic. Halves agree.", figure.Caption, StringComparison.Ordinal);
        Assert.Equal(["5001", "5000", "0.0002", "yes"], figure.Table.Rows[^1]);
        Assert.Equal(52, figure.Table.Rows.Count);
    }

    [Fact]
    public void Draw_ScoresBelowZeroAndAlike_StayOnTheAxis()
    {
        var figure = ScorePlot.Draw("scores", "attention", [-1, 2, 0], [1], "")!;

        Assert.DoesNotContain("NaN", figure.Parts[0].Text, StringComparison.Ordinal);
        Assert.Contains("with 100 % of all scores", figure.Caption, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", ScorePlot.Draw("scores", "variance", [0, 0], [0], "")!.Parts[0].Text, StringComparison.Ordinal);
        Assert.Null(ScorePlot.Draw("scores", "variance", [null, null], [0], ""));
    }
}
