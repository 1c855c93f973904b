using System.Text.Json;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Execution.Planning.Search;
using Sweep.Execution.Summaries;
using Sweep.Execution.Tests.Stubs;
using Sweep.Models.Tests.Cuda;

namespace Sweep.Execution.Tests.Planning.Search;

/// <summary>Stub files: of "qa" the items q0 q1 q4 q5 q8 q9 are selection, the others test; "ifeval" has no golds, "text" is plain.</summary>
public sealed class SearchResolverTests : IDisposable
{
    private static readonly SweepPlan Plan = Workbench.Plan with
    {
        Benchmarks =
        [
            new BenchmarkPlan { Name = "text", Data = "text.txt" },
            new BenchmarkPlan { Name = "qa", Data = "qa.txt" },
            new BenchmarkPlan { Name = "ifeval", Data = "qa.txt" },
        ],
        Bottlenecks = [.. Workbench.Plan.Bottlenecks, new BottleneckPlan { Name = "gone", Layer = 3, Operation = "zero_ablate", Channels = new ChannelsPlan { Explicit = [2, 3] } }],
        Scalars = [0.5, 2, 3],
        Controls = new ControlsPlan { Random = 4, Complement = true },
        Search = new SearchPlan { Method = SearchPlan.Screening, Items = 5 },
    };

    private static readonly SweepPlan Stage = SearchStages.Before(Plan)!;
    private readonly Workbench _bench = new();
    private readonly SearchLedger _ledger = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task ResolveAsync_FullGrid_IsLeftAlone() =>
        Assert.Equal(Text(await GridAsync()), Text(await Resolver().ResolveAsync(Plan with { Search = null }, calibrate: true, TestContext.Current.CancellationToken)));

    [Fact]
    public async Task ResolveAsync_FirstStage_HasAllScalarsOnTheFirstSelectionItemsByLikelihood()
    {
        var (grid, stage) = (await GridAsync(), await ResolveAsync(Stage));

        var screened = Assert.Single(stage.Benchmarks);
        Assert.Equal("qa", screened.Name);
        Assert.Equal(["q0", "q1", "q4", "q5", "q8"], screened.Items.Select(item => item.Id));
        Assert.Equal([Measure.LogLikelihood], screened.Measures);
        Assert.Null(screened.MaxNewTokens);
        Assert.Equal(Text(grid.Bottlenecks), Text(stage.Bottlenecks));

        // Its jobs are the grid's own: what it runs the grid would not run again.
        Assert.Empty(PlanExpander.Jobs(Stage, stage).Select(job => job.Job.Id).Except(PlanExpander.Jobs(Plan, grid).Select(job => job.Job.Id)));
    }

    [Fact]
    public async Task ResolveAsync_LastStage_HasEachSetAtItsChoiceOnTheTestItems()
    {
        var stage = await ScreenAsync();
        var last = await ResolveAsync(Plan);

        Assert.Equal(["text", "qa", "ifeval"], last.Benchmarks.Select(benchmark => benchmark.Name));
        Assert.All(last.Benchmarks.Skip(1), benchmark => Assert.Equal(["q2", "q3", "q6", "q7", "q10", "q11"], benchmark.Items.Select(item => item.Id)));
        Assert.Equal([Measure.LogLikelihood, Measure.Generation], last.Benchmarks[1].Measures);
        var choices = await ChoicesAsync(stage);
        Assert.Equal(stage.Bottlenecks.Count, last.Bottlenecks.Count);
        foreach (var (index, bottleneck) in last.Bottlenecks.Index())
        {
            Assert.Equal([1, 2], bottleneck.Choices!.Select(choice => choice.Benchmark));
            // What has no golds stands at what is best where there are some, here on one benchmark.
            Assert.All(bottleneck.Choices!, choice => Assert.Equal(choices[index].Single().Scalar, choice.Scalar));
            Assert.Equal([5, 0], bottleneck.Choices!.Select(choice => choice.SelectionItems));
            Assert.All(bottleneck.Choices!, choice => Assert.Equal(Math.Max(1, stage.Bottlenecks[index].Scalars.Count), choice.Tried));
            foreach (var choice in bottleneck.Choices!)
                Assert.Equal(bottleneck.Name == "gone" && choice.Scalar is null ? [null] : new[] { choice.Scalar, 1.0 }.Distinct().Order(), bottleneck.ScalarsOn(choice.Benchmark));

            // Perplexity is told of bottlenecks, at all scalars that are told of them.
            Assert.Equal(bottleneck.Role == BottleneckRole.Control ? [] : bottleneck.Choices!.SelectMany(choice => bottleneck.ScalarsOn(choice.Benchmark)).Distinct().Order(), bottleneck.ScalarsOn(0));
        }

        Assert.True(last.Bottlenecks.SelectMany(bottleneck => bottleneck.Choices!).Select(choice => choice.Scalar).Distinct().Count() > 2);
    }

    [Fact]
    public async Task Summary_OfASearch_IsThatOfTheFullGridOnTheSameItems()
    {
        // The stub's rows do better than a pair beside them at no scalar: without pairs one is chosen.
        TestDevice.RequireOwnLibTorch();
        var plan = Plan with { Benchmarks = [.. Plan.Benchmarks.Where(benchmark => benchmark.Name != "ifeval")] };
        var (grid, stage) = (await GridAsync(plan), await ScreenAsync(plan));
        var last = await ResolveAsync(plan);
        var seen = stage.Benchmarks.ToDictionary(benchmark => benchmark.Name, benchmark => benchmark.Items.Select(item => item.Id).ToHashSet());
        var same = grid with
        {
            Benchmarks = [.. grid.Benchmarks.Select(benchmark => benchmark with { Items = [.. benchmark.Items.Where(item => item.Split == ItemSplit.Test || !seen.TryGetValue(benchmark.Name, out var of) || of.Contains(item.Id))] })],
        };
        var (whole, staged) = (await SummarizeAsync(plan, same), await SummarizeAsync(plan, last));

        Assert.Equal([4, 1], staged.Rows.Select(row => row.Tried));
        Assert.All(whole.Rows, row => Assert.Null(row.Tried));

        // A receipt is of all items that were run.
        Assert.Equal(Text(whole.Rows.Select(row => row with { Receipt = null })), Text(staged.Rows.Select(row => row with { Receipt = null, Tried = null })));
        Assert.Contains(staged.Rows, row => row.Scalar is not (null or 1));
        Assert.Contains(staged.Rows, row => row.PerplexityChange is not null);
    }

    [Fact]
    public async Task Summary_BenchmarkWithoutGolds_SaysThatItsScalarsWereChosenElsewhere()
    {
        await ScreenAsync();
        var rows = (await SummarizeAsync(Plan, await ResolveAsync(Plan))).Rows.ToLookup(row => row.Benchmark);

        Assert.Equal(rows["qa"].Select(row => (row.Bottleneck, row.Scalar)), rows["ifeval"].Select(row => (row.Bottleneck, row.Scalar)));
        Assert.All(rows["ifeval"], row => Assert.Equal((0, 6), (row.SelectionItems, row.TestItems)));
        Assert.All(rows["ifeval"], row => Assert.Null(row.Selection));
    }

    [Fact]
    public async Task Summary_OfASearch_TellsWhatItTriedAndSaved()
    {
        var stage = await ScreenAsync();
        var last = await ResolveAsync(Plan);
        var search = (await SummarizeAsync(Plan, last)).Search!;

        // One benchmark; 6 sets of "b" at 3 scalars and 6 of "gone".
        Assert.Equal(("screening", SweepIds.Of(Stage), 5, 6 * 4), (search.Method, search.Stage, search.Items, search.Configurations));
        Assert.Equal(Runs(Stage, stage) + Runs(Plan, last), search.ItemRuns);
        Assert.Equal(Runs(Plan, await GridAsync()), search.GridItemRuns);
        Assert.True(search.ItemRuns < search.GridItemRuns && search.BlockPasses < search.GridBlockPasses);

        static long Runs(SweepPlan plan, ResolvedPlan resolved) => PlanExpander.Jobs(plan, resolved).Sum(job => (long)resolved.Benchmarks[job.Benchmark].Items.Count);
    }

    [Fact]
    public async Task ResolveAsync_LastStageAgain_KeepsTheFirstChoices()
    {
        await ScreenAsync();
        var first = Text(await ResolveAsync(Plan));
        _ledger.Salt = "other rows";

        Assert.Equal(first, Text(await ResolveAsync(Plan)));
    }

    [Fact]
    public async Task ResolveAsync_LastStageBeforeTheFirst_IsAMistake()
    {
        var missing = await Assert.ThrowsAsync<InvalidOperationException>(() => ResolveAsync(Plan));

        Assert.Contains(SweepIds.Of(Stage), missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResolveAsync_LastStageAfterAFileHasChanged_IsRefused()
    {
        await ScreenAsync();
        _bench.Write("qa.txt", [.. Enumerable.Range(0, 12).Select(item => $"q{item}|{item / 2}|another context|which {item}?|gold{item}")]);

        var refused = await Assert.ThrowsAsync<InvalidPlanException>(() => ResolveAsync(Plan));
        Assert.Contains("search: found other contents in qa.txt", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResolveAsync_BenchmarkWithoutTestItems_IsRefusedBeforeAnythingRuns()
    {
        var refused = await Assert.ThrowsAsync<InvalidPlanException>(() => ResolveAsync(Stage with { Benchmarks = [new BenchmarkPlan { Name = "qa", Data = "qa.txt", Items = 2 }] }));

        Assert.Equal(["search: found no item of qa in the test split, expected some: 2 items are too few for it"], refused.Problems);
    }

    [Fact]
    public async Task PlannedSearch_BeforeAnythingRuns_IsNoLessThanWhatWillBe()
    {
        await ScreenAsync();
        var last = await ResolveAsync(Plan);
        var planned = PlannedSearch.Of(Plan, await GridAsync())!;

        Assert.Equal((last.Search!.GridItemRuns, last.Search.Configurations, last.Search.Stage), (planned.Record.GridItemRuns, planned.Record.Configurations, planned.Record.Stage));
        Assert.InRange(last.Search.ItemRuns, 1, planned.Record.ItemRuns);
        Assert.Null(PlannedSearch.Of(Plan with { Search = null }, await GridAsync()));
    }

    private static string Text<T>(T value) => JsonSerializer.Serialize(value, SweepJson.Options);

    private SearchResolver Resolver() => new(_bench.Resolver, _ledger.Store);

    private Task<ResolvedPlan> GridAsync(SweepPlan? plan = null) => _bench.ResolveAsync((plan ?? Plan) with { Search = null });

    private Task<ResolvedPlan> ResolveAsync(SweepPlan plan) => Resolver().ResolveAsync(plan, calibrate: true, TestContext.Current.CancellationToken);

    /// <summary>The first stage, complete in the store.</summary>
    private async Task<ResolvedPlan> ScreenAsync(SweepPlan? plan = null)
    {
        var before = SearchStages.Before(plan ?? Plan)!;
        var stage = await ResolveAsync(before);
        _ledger.Complete(before, stage);
        _ledger.Know(plan ?? Plan, await GridAsync(plan));
        return stage;
    }

    private Task<BenchmarkTable> ReadAsync(ResolvedPlan resolved, int benchmark, IReadOnlyCollection<JobId> jobs) =>
        BenchmarkTable.ReadAsync(_ledger.Store, resolved.Benchmarks[benchmark], jobs, TestContext.Current.CancellationToken);

    private Task<IReadOnlyList<IReadOnlyList<FrozenChoice>>> ChoicesAsync(ResolvedPlan stage) => SweepAnswer.ChoicesAsync(Stage, stage, (benchmark, jobs) => ReadAsync(stage, benchmark, jobs));

    private Task<SweepSummary> SummarizeAsync(SweepPlan plan, ResolvedPlan resolved) => SweepAnswer.OfAsync("id", plan, resolved, (benchmark, jobs) => ReadAsync(resolved, benchmark, jobs));
}
