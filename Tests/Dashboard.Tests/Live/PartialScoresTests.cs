using NSubstitute;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Dashboard.Live;
using Sweep.Persistence.Queries;
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

    private readonly ISweepQueries _store = Substitute.For<ISweepQueries>();
    private readonly Dictionary<JobId, List<RowScore>> _rows = [];
    private readonly List<int> _counted = [];
    private readonly List<JobId> _read = [];
    private readonly JobId _baseline = PlanExpander.Cell(Plan, Resolved, 0, 0, null, null).Jobs[Measure.Generation].Id;
    private readonly JobId _steered = PlanExpander.Cell(Plan, Resolved, 0, 0, 0, 2).Jobs[Measure.Generation].Id;

    public PartialScoresTests()
    {
        _store.CountRowsAsync(Arg.Any<IReadOnlyCollection<JobId>>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            var asked = call.ArgAt<IReadOnlyCollection<JobId>>(0);
            _counted.Add(asked.Count);
            return (IReadOnlyDictionary<JobId, int>)asked.Where(_rows.ContainsKey).ToDictionary(job => job, job => _rows[job].Count);
        });
        _store.ListScoresAsync(Arg.Is<RowScoreQuery>(query => query.Metric == "em"), Arg.Any<CancellationToken>()).Returns(call =>
        {
            var jobs = call.ArgAt<RowScoreQuery>(0).Jobs;
            _read.AddRange(jobs);
            return (IReadOnlyList<RowScore>)[.. jobs.SelectMany(job => _rows[job])];
        });
    }

    [Fact]
    public async Task Cells_SomeItemsDone_AreComparedOnTestItemsThatBothHave()
    {
        Record(_baseline, ("a", 0), ("b", 0), ("d", 0));
        Record(_steered, ("a", 1), ("c", 1), ("d", 1), ("b", 0));
        var scores = new PartialScores("s-1", Plan, Resolved);

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
        var scores = new PartialScores("s-1", Plan, Resolved);
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
    public async Task Read_OneCellGrows_OthersStayTheSameObjects()
    {
        Record(_baseline, ("a", 0), ("b", 0), ("c", 0), ("d", 0));
        Record(_steered, ("a", 1));
        var scores = new PartialScores("s-1", Plan, Resolved);
        await scores.ReadAsync(_store, TestContext.Current.CancellationToken);
        var before = scores.Cells();
        Record(_steered, ("b", 1));
        await scores.ReadAsync(_store, TestContext.Current.CancellationToken);

        var after = scores.Cells();
        Assert.Same(before[0], after[0]);
        Assert.NotSame(before[1], after[1]);
        Assert.Equal("/sweeps/s-1/cell?model=mini&benchmark=squad&bottleneck=b&scalar=2", after[1].Href);
    }

    [Fact]
    public async Task Read_CellIsWhole_KeepsItsEffectAndItsJobsAreCountedNoMore()
    {
        Record(_baseline, ("a", 0), ("b", 0), ("c", 0), ("d", 0));
        Record(_steered, ("a", 1), ("b", 1), ("c", 1));
        var scores = new PartialScores("s-1", Plan, Resolved);
        await scores.ReadAsync(_store, TestContext.Current.CancellationToken);
        Record(_steered, ("d", 1));
        await scores.ReadAsync(_store, TestContext.Current.CancellationToken);
        // The baseline is that of another cell, at scalar 1, too.
        Record(_baseline, ("not of this benchmark", 1));
        Assert.False(await scores.ReadAsync(_store, TestContext.Current.CancellationToken));

        Assert.Equal((3, 1.0), (scores.Cells()[1].N, scores.Cells()[1].Effect));
        Assert.Equal([2, 1], _counted);
    }

    [Fact]
    public async Task Cells_RowsWithPairs_AreComparedWithThem()
    {
        Record(_baseline, ("a", 1));
        _rows[_steered] = [new RowScore(_steered, "a", 1, 0, 0)];
        var scores = new PartialScores("s-1", Plan, Resolved);
        await scores.ReadAsync(_store, TestContext.Current.CancellationToken);

        Assert.Equal(1, scores.Cells()[1].Effect);
    }

    private void Record(JobId job, params (string Item, double Score)[] rows)
    {
        if (!_rows.TryGetValue(job, out var known))
            _rows[job] = known = [];
        known.AddRange(rows.Select(row => new RowScore(job, row.Item, row.Score, null, 0)));
    }

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
