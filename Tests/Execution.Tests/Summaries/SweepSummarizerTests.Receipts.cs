namespace Sweep.Execution.Tests.Summaries;

/// <summary>Whether the interventions of a cell did what the plan says.</summary>
public sealed partial class SweepSummarizerTests
{
    [Theory]
    [InlineData(2.0, 0.0, 7, true)]
    [InlineData(2.00001, 0.0, 7, true)]
    [InlineData(2.0001, 0.0, 7, false)]
    [InlineData(1.0, 0.0, 7, false)]
    [InlineData(2.0, 0.01, 7, false)]
    [InlineData(2.0, 0.0, 0, false)]
    public async Task SummarizeAsync_Receipt_FiredOnlyAsThePlanSays(double ratio, double offTarget, int positions, bool fired)
    {
        var ledger = new Ledger
        {
            Row = (identity, item) =>
            {
                var row = Row(identity, item, (scalar, _) => (0, -scalar));
                return identity.Interventions.Count == 0 ? row : row with
                {
                    Receipt = row.Receipt with { OnTargetMaximum = ratio, OffTargetDeviation = offTarget, PositionsTouched = positions },
                };
            },
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 2, 2, Both));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2));
        var receipt = (await ledger.SummarizeAsync()).Cells.Single(cell => cell.Scalar == 2).Receipt!;
        Assert.Equal(fired, receipt.Fired);
        Assert.Equal(positions * 8, receipt.PositionsTouched);
        Assert.Equal((0.25, 0.5), (receipt.RelativeChange!.Value, receipt.NextTokenKl!.Value));
        Assert.False(receipt.Inert);
    }

    [Fact]
    public async Task SummarizeAsync_ReceiptOfOneLayerOfTwo_HasNotFired()
    {
        // Prompts have 5 tokens, receipts 7 positions: one layer's and two tokens that followed.
        var ledger = new Ledger { Row = (identity, item) => Row(identity, item, (scalar, _) => (0, -scalar)) };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 2, 2, Both));
        var scale = Ledger.Scale("b", 3, 1, 2);
        ledger.Bottlenecks.Add(scale);
        ledger.Bottlenecks.Add(scale with { Name = "two", Interventions = [scale.Interventions[0], scale.Interventions[0] with { Layer = 5 }] });
        ledger.Bottlenecks.Add(scale with { Name = "two sites", Interventions = [scale.Interventions[0], scale.Interventions[0] with { Site = "Gate" }] });
        ledger.Bottlenecks.Add(scale with { Name = "last too", Interventions = [scale.Interventions[0], scale.Interventions[0] with { Layer = 5, Positions = "Last" }] });
        ledger.Bottlenecks.Add(scale with { Name = "generated too", Interventions = [scale.Interventions[0], scale.Interventions[0] with { Layer = 5, Positions = "Generated" }] });
        var fired = (await ledger.SummarizeAsync()).Cells.Where(cell => cell.Scalar == 2).Select(cell => (cell.Bottleneck, cell.Receipt!.Fired));
        Assert.Equal([("b", true), ("two", false), ("two sites", true), ("last too", true), ("generated too", true)], fired);
    }

    [Theory]
    [InlineData("MeanAblate", "All", 2.0, true)]
    [InlineData("MeanAblate", "All", 1.0, false)]
    [InlineData("ZeroAblate", "Generated", 2.0, true)]
    [InlineData("ZeroAblate", "All", 2.0, false)]
    public async Task SummarizeAsync_ReceiptOfAList_IsJudgedByTheRatiosThatThePromptShows(string other, string positions, double ratio, bool fired)
    {
        var ledger = new Ledger
        {
            Row = (identity, item) =>
            {
                var row = Row(identity, item, (scalar, _) => (0, -scalar));
                return identity.Interventions.Count == 0 ? row : row with { Receipt = row.Receipt with { OnTargetMinimum = ratio, OnTargetMaximum = ratio } };
            },
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 2, 2, Both));
        var scale = Ledger.Scale("b", 3, 1, 2);
        var second = scale.Interventions[0] with { Operation = other, Positions = positions, Channels = [2], Values = other == "MeanAblate" ? [0.5] : null };
        ledger.Bottlenecks.Add(scale with { Interventions = [scale.Interventions[0], second] });
        Assert.All((await ledger.SummarizeAsync()).Cells.Where(cell => cell.Scalar == 2), cell => Assert.Equal(fired, cell.Receipt!.Fired));
    }

    [Fact]
    public async Task SummarizeAsync_NothingMoved_IsInert()
    {
        var ledger = new Ledger
        {
            Row = (identity, item) =>
            {
                var row = Row(identity, item, (_, _) => (0, -2));
                return row with { Receipt = row.Receipt with { NextTokenKl = 0 } };
            },
        };
        ledger.Benchmarks.Add(Ledger.Benchmark("squad", 2, 2, Both));
        ledger.Bottlenecks.Add(Ledger.Scale("b", 3, 1, 2));
        Assert.True((await ledger.SummarizeAsync()).Cells.Single(cell => cell.Scalar == 2).Receipt!.Inert);
    }
}
