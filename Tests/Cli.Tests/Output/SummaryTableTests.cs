using Sweep.Cli.Output;
using Sweep.Contracts.Plans;
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

        // Model, header, benchmark, two rows, what p is corrected for.
        Assert.Equal(6, lines.Count(line => line.Length > 0));
        foreach (var figure in (string[])["better", "0.05", "-100.0", "-100.0..+100.0", "<0.001", "-12.34", "1/5", "-54.1%"])
            Assert.Contains(lines, line => line.StartsWith(" random", StringComparison.Ordinal) && line.Contains($" {figure}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(80, "bottleneck verdict scalar effect 95 % interval p fam ΔLL rank ppl")]
    [InlineData(100, "bottleneck verdict scalar score effect 95 % interval p fam ΔLL rank ppl")]
    [InlineData(120, "bottleneck verdict scalar score effect 95 % interval p p fam ΔLL rank p rank ppl")]
    public void Print_MoreRoom_HasMoreColumns(int width, string columns)
    {
        var lines = Summaries.Lines(width, console => SummaryTable.Print(console, Summaries.Model, Widest));

        Assert.Equal(columns, string.Join(' ', lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void Print_RowsThatCannotReachFivePercent_SayRankOnly()
    {
        var lines = Summaries.Lines(120, console => SummaryTable.Print(console, Summaries.Model,
            [Summaries.Row("squad", "one") with { RankOnly = true }, Summaries.Row("squad", "two") with { Controls = 20, ControlCorrectedP = 1 / 21.0 }]));

        Assert.Contains(lines, line => line.StartsWith(" one", StringComparison.Ordinal) && line.Contains("1/5  rank only", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith(" two", StringComparison.Ordinal) && line.Contains("1/21      0.048", StringComparison.Ordinal));
        Assert.Single(lines, "rank only: 4 random controls cannot show a corrected p of 0.05");
    }

    [Fact]
    public void Print_CrossFittedRow_SaysHowFoldsAgree()
    {
        var row = Summaries.Row("squad", "one");
        var folds = new CrossFitResult
        {
            Folds = [.. Enumerable.Range(0, 5).Select(fold => new FoldScalar { Scalar = fold == 2 ? 0.25 : row.Scalar, SelectionItems = 32, TestItems = 8, TestGroups = 4 })],
            Agreeing = 4,
            Widening = 1.25,
            Scores = new SplitScores { N = 40, Baseline = 0, Steered = 0, Effect = 0 },
        };
        var lines = Summaries.Lines(120, console => SummaryTable.Print(console, Summaries.Model, [row with { CrossFit = folds }]));

        Assert.Contains(lines, line => line.Contains($"cross-fitted in 5 folds, on {row.TestItems} items in {row.TestGroups} groups", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("4 of 5 folds chose ×", StringComparison.Ordinal) && line.Contains("others ×0.25", StringComparison.Ordinal));
    }

    [Fact]
    public void Print_SeveralBenchmarks_BeginWithWhatHoldsOverThem()
    {
        var overall = new OverallEffect { Model = Summaries.Model, Bottleneck = "one", Benchmarks = 2, Effect = 0.125, EffectLow = -0.25, EffectHigh = 0.5, P = 0.25, Tau = 0, HeterogeneityP = 1 };
        var lines = Summaries.Lines(120, console => SummaryTable.Print(console, Summaries.Model, [Summaries.Row("squad", "one"), Summaries.Row("drop", "one")], [overall]));

        Assert.Equal("over benchmarks points, random effects", lines[3]);
        Assert.Equal("one - - - +12.5 -25.0..+50.0 0.250 - - - - -", string.Join(' ', lines[4].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void Print_FindingWithControlsOfOtherKinds_ShowsThemBesideIt()
    {
        ControlComparison[] comparisons =
        [
            new() { Kind = ControlKind.Random, Sets = 4, Rank = 1, Effect = 0 },
            new() { Kind = ControlKind.NormMatched, Sets = 20, Rank = 2, P = 2 / 21.0, Effect = 0.0125, LogLikelihoodEffect = -0.5 },
            new() { Kind = ControlKind.Complement, Sets = 1, Effect = -0.25, LogLikelihoodEffect = -3 },
        ];
        var found = Summaries.Row("squad", "found") with { Comparisons = comparisons };
        var lines = Summaries.Lines(120, console => SummaryTable.Print(console, Summaries.Model, [found, found with { Bottleneck = "other", Verdict = EffectVerdict.Undecided }]));

        Assert.Equal(["· norm-matched ×20 +1.3 -0.50 2/21", "· complement -25.0 -3.00 -"],
            lines.Where(line => line.Contains('·', StringComparison.Ordinal)).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }

    [Fact]
    public void Print_Remarks_SayWhatTheChoiceWasWorthAndWhatIsReshuffled()
    {
        var row = Summaries.Row("squad", "one") with { Reshuffling = true, Selection = new SelectionGain { Unit = ScoreUnit.NatsAnItem, Raw = 0.5, Corrected = 0.25 } };
        var lines = Summaries.Lines(120, console => SummaryTable.Print(console, Summaries.Model, [row]));

        Assert.Single(lines, "   reshuffling: the score rises, the gold's log-likelihood falls; on selection +0.50 nats, cross-fitted +0.25 nats");
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

        Assert.Single(lines, "triviaqa em, baseline 29.5, chosen on 62 items, tested on 88 in 88 groups");
        Assert.Single(lines, "squad log likelihood, baseline -3.50, chosen on 62 items, tested on 88 in 88 groups, too few items");
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
        var row = Summaries.Row("ruler", "ablated", scalar: null) with { FamilyP = null, LogLikelihoodEffect = null, ControlRank = null, Controls = 0, PerplexityChange = null };

        var line = Assert.Single(Summaries.Lines(100, console => SummaryTable.Print(console, Summaries.Model, [row])), line => line.StartsWith(" ablated", StringComparison.Ordinal));

        Assert.Equal(5, line.Split(' ').Count(word => word == "-"));
    }

    [Fact]
    public void Print_RowThatChoseTheBaseline_IsUnsteered()
    {
        var lines = Summaries.Lines(100, console => SummaryTable.Print(console, Summaries.Model, [Summaries.Row("squad", "one", scalar: 1, effect: 0) with { Verdict = null }]));

        Assert.Equal("one unsteered 1 29.5 0.0 - <0.001 +3.75 1/5 -54.1%", string.Join(' ', Assert.Single(lines, line => line.StartsWith(" one", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }
}
