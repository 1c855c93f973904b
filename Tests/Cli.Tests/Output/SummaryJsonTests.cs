using System.Text.Json.Nodes;
using Sweep.Cli.Output;
using Sweep.Contracts.Results;
using Xunit;

namespace Sweep.Cli.Tests.Output;

public sealed class SummaryJsonTests
{
    [Fact]
    public void Of_Cell_CarriesItsTestSplitByName()
    {
        var receipt = new ReceiptSummary { PositionsTouched = 7, Fired = true, Inert = false };
        var cell = Summaries.Cell("squad", "one", 0.5, 0.25) with
        {
            Receipt = receipt,
            Splits = new Dictionary<string, SplitScores> { ["test"] = new() { N = 88, Baseline = 0.5, Steered = 0.75, Effect = 0.25, EffectLow = 0.125, EffectHigh = 0.375, P = 0.03125 } },
        };

        var node = Cells(cell)[0];

        Assert.Equal("em", node["metric"]!.GetValue<string>());
        Assert.Equal(88, node["n"]!.GetValue<int>());
        Assert.Equal([0.5, 0.75, 0.25, 0.03125], new[] { "baseline", "steered", "effect", "p" }.Select(name => node[name]!.GetValue<double>()));
        Assert.Equal([0.125, 0.375], node["interval"]!.AsArray().Select(end => end!.GetValue<double>()));
        Assert.Equal(7, node["receipt"]!["positions_touched"]!.GetValue<int>());
    }

    [Fact]
    public void Of_CellWithPairs_CarriesWhatPackingDoes()
    {
        var test = new SplitScores { N = 88, Baseline = 0.5, Steered = 0.5, Effect = 0, Flips = 3, PackingNoise = 0.25, WithinNoise = true };

        var nodes = Cells(
            Summaries.Cell("squad", "one", 0.5, 0.25) with { Splits = new Dictionary<string, SplitScores> { ["test"] = test } }, Summaries.Cell("squad", "one", 2, 0.25));

        Assert.Equal((3, 0.25, true), (nodes[0]["flips"]!.GetValue<int>(), nodes[0]["packing_noise"]!.GetValue<double>(), nodes[0]["within_noise"]!.GetValue<bool>()));
        Assert.All(["flips", "packing_noise", "within_noise"], (string name) => Assert.False(nodes[1].AsObject().ContainsKey(name)));
    }

    [Fact]
    public void Of_Rank_IsTheSummarys()
    {
        var nodes = Cells(Summaries.Cell("squad", "one", 0.5, 0.25) with { ControlRank = 3, Controls = 4 }, Summaries.Cell("squad", "one", 0.5, 0.25, control: 0));

        Assert.Equal(3, nodes[0]["control_rank"]!.GetValue<int>());
        Assert.Equal(4, nodes[0]["controls"]!.GetValue<int>());
        Assert.True(nodes[1].AsObject().ContainsKey("control_rank"));
        Assert.Null(nodes[1]["control_rank"]);
    }

    [Fact]
    public void Of_Text_NamesItsMetric() =>
        Assert.Equal("perplexity", Cells(Summaries.Text("one", 0.5, 4))[0]["metric"]!.GetValue<string>());

    [Fact]
    public void Of_Row_NamesMcNemar() =>
        Assert.Equal(0.00001, JsonNode.Parse(SummaryJson.Of(Summaries.Of([Summaries.Row("squad", "one")])))!["rows"]![0]!["mcnemar_p"]!.GetValue<double>());

    private static JsonNode[] Cells(params SummaryCell[] cells) => [.. JsonNode.Parse(SummaryJson.Of(Summaries.Of([Summaries.Row("squad", "one")], cells)))!["cells"]!.AsArray().Select(cell => cell!)];
}
