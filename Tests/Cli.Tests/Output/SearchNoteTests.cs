using Sweep.Cli.Output;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Persistence.Reports;
using Xunit;

namespace Sweep.Cli.Tests.Output;

public sealed class SearchNoteTests
{
    private const string Note = "screening: 7,056 configurations tried on up to 32 selection items a benchmark; 250,000 item runs instead of 2,500,000 (2,250,000 saved, 10.0 x fewer), 2,000,000 block-passes instead of 23,000,000 (21,000,000 saved, 11.5 x fewer)";

    private static readonly SearchRecord Search = new()
    {
        Method = "screening",
        Stage = "small.screen-0123456789",
        Items = 32,
        Configurations = 7_056,
        ItemRuns = 250_000,
        BlockPasses = 2_000_000,
        GridItemRuns = 2_500_000,
        GridBlockPasses = 23_000_000,
    };

    [Fact]
    public void Of_Search_CountsWhatWasTriedAndSaved() => Assert.Equal(Note, SearchNote.Of(Search));

    [Fact]
    public void Of_Rounds_CountsThem()
    {
        var search = Search with { Method = "racing", Rounds = [new SearchRound { Stage = "a", Items = 8, Configurations = 7_056, ItemRuns = 57_000 }, new SearchRound { Stage = "b", Items = 32, Configurations = 3_528, ItemRuns = 85_000 }] };

        Assert.StartsWith("racing: 7,056 configurations tried on up to 32 selection items a benchmark in 2 rounds; 250,000 item runs instead of", SearchNote.Of(search), StringComparison.Ordinal);
        Assert.Equal("3,528 configurations on up to 32 selection items a benchmark, 85,000 further item runs", SearchNote.Of(search.Rounds![1]));
    }

    [Fact]
    public void Print_SummaryOfASearch_EndsWithIt()
    {
        var summary = Summaries.Of([Summaries.Row("triviaqa", "one")]) with { Search = Search };
        var sweep = new SweepRecord { Id = summary.SweepId, Plan = new SweepPlan { Name = "small", Models = [], Benchmarks = [], Bottlenecks = [] }, PlanText = "", State = SweepState.Completed, SubmittedAt = default };
        var cost = new SweepCost { DeviceSeconds = 1, Rows = 2, Tokens = 3, Attempts = 4, LateWrites = 0 };

        Assert.Contains($"{Note}; chosen in small.screen-0123456789", Summaries.Lines(400, console => SummaryView.Print(console, summary, sweep, cost)));
        Assert.DoesNotContain(Summaries.Lines(400, console => SummaryView.Print(console, summary with { Search = null }, sweep, cost)), line => line.Contains("block-passes", StringComparison.Ordinal));
    }

    [Fact]
    public void Line_OfASearchWhoseStageRuns_SaysSo() =>
        Assert.StartsWith(
            "small: screening, running",
            ProgressLine.Of(new SweepStatus { SweepId = "small", State = "Submitted", Stage = "screening, running", RowsTotal = 10, RowsDone = 5 }, model: null, default, default, 160),
            StringComparison.Ordinal);
}
