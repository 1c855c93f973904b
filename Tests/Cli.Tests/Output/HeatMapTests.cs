using Sweep.Cli.Output;
using Sweep.Contracts.Results;
using Xunit;

namespace Sweep.Cli.Tests.Output;

public sealed class HeatMapTests
{
    private const string Orange = "48;5;214m";
    private const string Blue = "48;5;39m";

    [Fact]
    public void Print_Effects_ShowSignsAndADotForNone()
    {
        var lines = Print(100, Summaries.Of([],
            Summaries.Cell("squad", "baseline", null, 0),
            Summaries.Cell("squad", "one", 0.5, 0.125), Summaries.Cell("squad", "one", 1, 0), Summaries.Cell("squad", "one", 2, -0.5)));

        Assert.Single(lines, "Effect, points, by scalar on the test split (·: none)");
        Assert.Single(lines, "      ×0.5    ×1    ×2");
        Assert.Single(lines, " one +12.5     · -50.0");
    }

    [Fact]
    public void Print_WhatNoScalarChanges_IsNamedNotDrawn()
    {
        var lines = Print(100, Summaries.Of([],
            Summaries.Cell("squad", "one", 0.5, 0.1), Summaries.Cell("squad", "two", 0.5, 0), Summaries.Cell("squad", "three", 0.5, 0),
            Summaries.Cell("drop", "one", 0.5, 0), Summaries.Cell("drop", "two", 0.5, 0)));

        Assert.Single(lines, "no change at any scalar: squad (two, three); drop (every bottleneck)");
        Assert.DoesNotContain(lines, line => line.StartsWith(" two", StringComparison.Ordinal) || line == "drop");
    }

    [Fact]
    public void Print_CellsOfControlsAndOfNoItem_AreLeftOut() =>
        Assert.DoesNotContain(
            Print(100, Summaries.Of([], Summaries.Cell("squad", "one", 0.5, 0.9, control: 0), Summaries.Cell("squad", "one", 0.5, 0, items: 0))),
            line => line.Contains("one", StringComparison.Ordinal));

    [Fact]
    public void Print_BenchmarkWithoutGeneration_IsInNats()
    {
        var lines = Print(100, Summaries.Of([Summaries.Row("squad", "one", metric: "log_likelihood")], Summaries.Cell("squad", "one", 0.5, -0.25) with { Metric = "log_likelihood", Unit = ScoreUnit.NatsAnItem }));

        Assert.Single(lines, "Effect on the gold's log-likelihood, nats, by scalar on the test split (·: none)");
        Assert.Single(lines, " one -0.25");
    }

    [Fact]
    public void Print_Text_IsPerplexityBesideTheUnsteeredOne()
    {
        var lines = Print(100, Text());

        Assert.Single(lines, "Perplexity of plain text by scalar on the test split (lower is better)");
        Assert.Single(lines, "text 4.07 unsteered");
        Assert.Single(lines, " planted  1.87  4.07   158");
        Assert.DoesNotContain(lines, line => line.StartsWith("Effect", StringComparison.Ordinal));
    }

    [Fact]
    public void Print_Colours_TellGainFromHarm()
    {
        var text = Summaries.Coloured(100, console => HeatMap.Print(console, Summaries.Model, Text()));
        Assert.Contains($"{Blue} 1.87", text, StringComparison.Ordinal);
        Assert.Contains($"{Orange}  158", text, StringComparison.Ordinal);
        Assert.DoesNotContain($"{Blue} 4.07", text, StringComparison.Ordinal);

        var effects = Summaries.Coloured(100, console => HeatMap.Print(console, Summaries.Model, Summaries.Of([], Summaries.Cell("squad", "one", 0.5, 0.5), Summaries.Cell("squad", "one", 2, -0.5))));
        Assert.Contains($"{Blue}+50.0", effects, StringComparison.Ordinal);
        Assert.Contains($"{Orange}-50.0", effects, StringComparison.Ordinal);
        Assert.Contains("blue: gain, orange: harm", effects, StringComparison.Ordinal);
    }

    [Fact]
    public void Print_ManyScalars_ContinueBelow()
    {
        var cells = Enumerable.Range(1, 29).Select(index => Summaries.Cell("squad", "a bottleneck", 0.25 * index, -0.5)).ToArray();

        var lines = Print(80, Summaries.Of([], cells));

        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
        Assert.Equal(29, lines.Sum(line => line.Split("-50.0").Length - 1));
        Assert.Equal(29, lines.Sum(line => line.Split('×').Length - 1));
    }

    private static SweepSummary Text() => Summaries.Of([], Summaries.Text("baseline", null, 4.07), Summaries.Text("planted", 0.05, 1.87), Summaries.Text("planted", 1, 4.07), Summaries.Text("planted", 5, 158.48));

    private static string[] Print(int width, SweepSummary summary) => Summaries.Lines(width, console => HeatMap.Print(console, Summaries.Model, summary));
}
