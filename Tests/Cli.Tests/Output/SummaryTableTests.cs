using Sweep.Cli.Output;
using Sweep.Contracts.Results;
using Xunit;

namespace Sweep.Cli.Tests.Output;

public sealed class SummaryTableTests
{
    private static readonly SummaryRow[] Widest =
    [
        Summaries.Row("triviaqa", "random (seed 101)", effect: -1, baseline: 1) with { EffectLow = -1, EffectHigh = 1, LogLikelihoodEffect = -12.34, PerplexityChange = -0.541 },
        Summaries.Row("triviaqa", "a name that is far too long to be shown in full (seed 7)", baseline: 1, effect: -0.5),
    ];

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(160)]
    public void Print_AnyWidth_FitsInOneLineARow(int width)
    {
        var lines = Summaries.Lines(width, console => SummaryTable.Print(console, Summaries.Model, Widest));

        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        Assert.Equal(2 + 1 + 1 + 2, lines.Count(line => line.Length > 0) + 1);
        foreach (var figure in (string[])["0.05", "0.0", "-100.0", "-100.0..+100.0", "<0.001", "-12.34", "1/5", "-54.1%"])
            Assert.Contains(lines, line => line.StartsWith(" random", StringComparison.Ordinal) && line.Contains($" {figure}", StringComparison.Ordinal));
    }

    [Fact]
    public void Print_LongName_IsCutInItsMiddle()
    {
        var lines = Summaries.Lines(80, console => SummaryTable.Print(console, Summaries.Model, Widest));

        Assert.Contains(lines, line => line.StartsWith(" a name", StringComparison.Ordinal) && line.Contains("…", StringComparison.Ordinal) && line.Contains("seed 7)", StringComparison.Ordinal));
    }

    [Fact]
    public void Print_Benchmark_SaysOnceWhatItsRowsShare()
    {
        var lines = Summaries.Lines(100, console => SummaryTable.Print(console, Summaries.Model,
        [
            Summaries.Row("triviaqa", "planted"), Summaries.Row("triviaqa", "other"),
            Summaries.Row("squad", "planted", metric: "log_likelihood", baseline: -3.5, effect: 0.25) with { TooFewItems = true },
        ]));

        Assert.Single(lines, "triviaqa em, baseline 29.5, chosen on 62 items, tested on 88");
        Assert.Single(lines, "squad log likelihood, baseline -3.50, chosen on 62 items, tested on 88, too few items");
        Assert.Contains(lines, line => line.Contains(" -3.25 ", StringComparison.Ordinal) && line.Contains("+0.25", StringComparison.Ordinal) && line.Contains("+0.15..+0.35", StringComparison.Ordinal));
    }

    [Fact]
    public void Print_RowsThatDiffer_CarryTheirOwnRemarks()
    {
        var silent = new ReceiptSummary { PositionsTouched = 0, Fired = false, Inert = true };
        var lines = Summaries.Lines(100, console => SummaryTable.Print(console, Summaries.Model,
        [
            Summaries.Row("squad", "one", effect: 0.05) with { TooFewItems = true, Diverged = 3 },
            Summaries.Row("squad", "found") with { TooFewItems = true },
            Summaries.Row("squad", "two") with { Receipt = silent },
            Summaries.Row("squad", "three") with { Receipt = silent with { Fired = true } },
        ]));

        Assert.Single(lines, "   too few items; 3 items diverged at some scalar");
        Assert.Single(lines, "   did not fire: its receipt does not show the planned intervention");
        Assert.Single(lines, "   inert: no log-likelihood moved");
    }

    [Fact]
    public void Print_RowsWithFlips_SayWhatPackingDoes()
    {
        var lines = Summaries.Lines(100, console => SummaryTable.Print(console, Summaries.Model,
        [
            Summaries.Row("squad", "one") with { Flips = 1, WithinNoise = false },
            Summaries.Row("squad", "two", effect: 0.01) with { Flips = 3, WithinNoise = true },
            Summaries.Row("squad", "three") with { Flips = 0, WithinNoise = false },
        ]));

        Assert.Single(lines, "   1 item flips by packing alone");
        Assert.Single(lines, "   3 items flip by packing alone; effect within packing noise");
        Assert.Equal(2, lines.Count(line => line.Contains("packing", StringComparison.Ordinal)));
    }

    [Fact]
    public void Print_RowsWithoutTestItems_AreNamedNotDrawn()
    {
        var open = Summaries.Row("squad", "two") with { TestItems = 0, SelectionItems = 0, Effect = 0 };
        var lines = Summaries.Lines(100, console => SummaryTable.Print(console, Summaries.Model, [Summaries.Row("squad", "one"), open, open with { Benchmark = "drop" }]));

        Assert.Single(lines, "not measured on any test item: squad (two); drop (every bottleneck)");
        Assert.DoesNotContain(lines, line => line.StartsWith(" two", StringComparison.Ordinal) || line.StartsWith("drop", StringComparison.Ordinal));
    }

    [Fact]
    public void Print_WhatIsNotThere_IsADash()
    {
        var row = Summaries.Row("ruler", "ablated", scalar: null) with { McNemarP = null, LogLikelihoodEffect = null, ControlRank = null, Controls = 0, PerplexityChange = null };

        var line = Assert.Single(Summaries.Lines(100, console => SummaryTable.Print(console, Summaries.Model, [row])), line => line.StartsWith(" ablated", StringComparison.Ordinal));

        Assert.Equal(5, line.Split(' ').Count(word => word == "-"));
    }
}
