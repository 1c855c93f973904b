using NSubstitute;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Live;
using Xunit;

namespace Sweep.Dashboard.Tests.Live;

public sealed class PartialScoresTests
{
    private static readonly SweepPlan Plan = new() { Name = "s", Models = ["mini"], Benchmarks = [new BenchmarkPlan { Name = "squad", Data = "d" }], Bottlenecks = [], Scalars = [1, 2] };

    private static readonly ResolvedPlan Resolved = new()
    {
        NumericsId = "cpu/1",
        Models = [new ResolvedModel { Name = "mini", Path = "mini", WeightsHash = "w", TokenizerHash = "t", ModelType = "mamba", Layers = 4, DModel = 8, DInner = 16, BlockMultiplyAdds = 1, Parameters = 1 }],
        Benchmarks =
        [
            new ResolvedBenchmark
            {
                Name = "squad", Kind = "squad", Path = "d", DataHash = "d", PromptVersion = "p", MetricVersion = "m", PrimaryMetric = "em", Measures = [Measure.Generation], MaxNewTokens = 4,
                Items = [Item("a", ItemSplit.Test), Item("b", ItemSplit.Test), Item("c", ItemSplit.Test), Item("d", ItemSplit.Selection)],
            },
        ],
        Bottlenecks = [Bottleneck(BottleneckRole.Bottleneck, null), Bottleneck(BottleneckRole.Control, 0)],
    };

    private readonly ISweepStore _store = Substitute.For<ISweepStore>();
    private readonly Dictionary<JobId, List<ItemResult>> _rows = [];
    private readonly List<JobId> _read = [];
    private readonly JobId _baseline = PlanExpander.Cell(Plan, Resolved, 0, 0, null, null).Jobs[Measure.Generation].Id;
    private readonly JobId _steered = PlanExpander.Cell(Plan, Resolved, 0, 0, 0, 2).Jobs[Measure.Generation].Id;

    public PartialScoresTests()
    {
        _store.CountRecordedAsync(Arg.Any<IReadOnlyList<JobId>>(), Arg.Any<IReadOnlyList<string>>(), Arg.Any<CancellationToken>())
            .Returns(call => (IReadOnlyDictionary<JobId, int>)call.ArgAt<IReadOnlyList<JobId>>(0).Where(_rows.ContainsKey).ToDictionary(job => job, job => _rows[job].Count));
        _store.ReadItemResultsAsync(Arg.Any<IReadOnlyCollection<JobId>>(), Arg.Any<IReadOnlyCollection<string>>(), Arg.Any<CancellationToken>())
            .Returns(call => ReadAsync(call.ArgAt<IReadOnlyCollection<JobId>>(0).Single(), call.ArgAt<IReadOnlyCollection<string>>(1)));
    }

    [Fact]
    public async Task Cells_SomeItemsDone_AreComparedOnTestItemsThatBothHave()
    {
        Record(_baseline, ("a", 0), ("b", 0), ("d", 0));
        Record(_steered, ("a", 1), ("c", 1), ("d", 1), ("b", 0));
        var scores = new PartialScores(Plan, Resolved);

        Assert.True(await scores.ReadAsync(_store, TestContext.Current.CancellationToken));

        var cells = scores.Cells();
        Assert.Equal([("b", (double?)1), ("b", 2)], cells.Select(cell => (cell.Bottleneck, cell.Scalar)));
        var cell = cells[1];
        Assert.Equal((2, 3, 0.5), (cell.N, cell.Of, cell.Effect));
        Assert.InRange(0.5, cell.Low!.Value, cell.High!.Value);
        Assert.Equal((1, ScoreUnit.Share), (cell.Layer, cell.Unit));
    }

    [Fact]
    public async Task Read_Again_ReadsOnlyJobsThatHaveGrownAndNoneThatIsWhole()
    {
        Record(_baseline, ("a", 0), ("b", 0), ("c", 0), ("d", 0));
        Record(_steered, ("a", 1));
        var scores = new PartialScores(Plan, Resolved);
        await scores.ReadAsync(_store, TestContext.Current.CancellationToken);
        Assert.Equal([_baseline, _steered], _read.Order(Comparer<JobId>.Create((one, other) => one == _baseline ? -1 : other == _baseline ? 1 : 0)));
        _read.Clear();

        Assert.False(await scores.ReadAsync(_store, TestContext.Current.CancellationToken));
        Record(_steered, ("b", 1));
        Assert.True(await scores.ReadAsync(_store, TestContext.Current.CancellationToken));

        Assert.Equal([_steered], _read);
        Assert.Equal(2, scores.Cells()[1].N);
    }

    [Fact]
    public async Task Cells_RowsWithPairs_AreComparedWithThem()
    {
        Record(_baseline, ("a", 1));
        _rows[_steered] = [Row(_steered, "a", 1) with { Pair = new PairScore { Metrics = new Dictionary<string, double> { ["em"] = 0 } } }];
        var scores = new PartialScores(Plan, Resolved);
        await scores.ReadAsync(_store, TestContext.Current.CancellationToken);

        Assert.Equal(1, scores.Cells()[1].Effect);
    }

    private void Record(JobId job, params (string Item, double Score)[] rows)
    {
        if (!_rows.TryGetValue(job, out var known))
            _rows[job] = known = [];
        known.AddRange(rows.Select(row => Row(job, row.Item, row.Score)));
    }

    private async IAsyncEnumerable<ItemResult> ReadAsync(JobId job, IReadOnlyCollection<string> items)
    {
        _read.Add(job);
        foreach (var row in _rows[job].Where(row => items.Contains(row.ItemId)))
            yield return await Task.FromResult(row);
    }

    private static ItemResult Row(JobId job, string item, double score) => new()
    {
        JobId = job,
        ItemId = item,
        PromptHash = "h",
        Metrics = new Dictionary<string, double> { ["em"] = score },
        Receipt = new ReceiptRow { PositionsTouched = 1 },
    };

    private static ResolvedItem Item(string id, ItemSplit split) => new() { Id = id, Group = id, Split = split, PromptTokens = [1], GoldTokens = [1] };

    private static ResolvedBottleneck Bottleneck(BottleneckRole role, int? control) => new()
    {
        Model = 0,
        Name = "b",
        Role = role,
        Kind = control is null ? null : ControlKind.Random,
        ControlIndex = control,
        Recipe = "explicit",
        Scalars = [1, 2],
        Interventions = [new InterventionSpec { Layer = 1, Site = "MixerOutput", Operation = "Scale", Positions = "All", Channels = control is null ? [1, 2] : [3, 4] }],
    };
}
