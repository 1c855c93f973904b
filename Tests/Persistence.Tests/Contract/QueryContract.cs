using Microsoft.Extensions.Time.Testing;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Persistence.Queries;
using Sweep.Persistence.Tests.Stores;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Persistence.Tests.Contract;

public sealed class SqliteQueryTests() : QueryContract(new SqliteHome());

public sealed class PostgresQueryTests(PostgresServer server) : QueryContract(new PostgresHome(server));

/// <summary>Lists, counts and pages, the same on every database.</summary>
public abstract class QueryContract(StoreHome home) : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private ISweepStore _store = null!;

    private static readonly JobId None = new(new string('0', 64));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ISweepQueries Queries => (ISweepQueries)_store;

    public async ValueTask InitializeAsync() => _store = await home.OpenAsync(time: _time);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return home.DisposeAsync();
    }

    [Fact]
    public async Task ListSweeps_NoFilter_IsWhatTheWholeListSaysPageByPage()
    {
        await SubmitAsync(count: 5);
        // Two at one moment: by id.
        await _store.SubmitAsync("b-same", Rows.Plan, "text", Token);
        await _store.SubmitAsync("B-same", Rows.Plan, "text", Token);
        string[] all = [.. (await _store.ListSweepsAsync(Token)).Select(sweep => sweep.Id)];
        Assert.Equal(7, all.Length);
        Assert.Equal(["B-same", "b-same"], all[..2]);
        Assert.Equal(all[2..4], await IdsAsync(new SweepListQuery { Skip = 2, Take = 2 }, total: 7));
        Assert.Equal(all[1..3], await IdsAsync(new SweepListQuery { After = all[0], Take = 2 }, total: 7));
        Assert.Equal(all[5..], await IdsAsync(new SweepListQuery { After = all[4], Take = 10 }, total: 7));
        Assert.Empty(await IdsAsync(new SweepListQuery { After = "no sweep", Take = 10 }, total: 7));
        var record = (await Queries.ListSweepsAsync(new SweepListQuery { Take = 1 }, Token)).Sweeps[0];
        Assert.Equal(("text", Rows.Plan.Name, SweepState.Submitted), (record.PlanText, record.Plan.Name, record.State));
    }

    [Fact]
    public async Task ListSweeps_ByTextStateAndOwner_AreThoseAlone()
    {
        await SubmitAsync(count: 3);
        await _store.SubmitAsync("other-0", Rows.Plan with { Name = "Named_100%", Owner = "Eve" }, "text", Token);
        await _store.TrySetStateAsync("sweep-1", [SweepState.Submitted], SweepState.Running, null, Token);
        Assert.Equal(["sweep-1"], await IdsAsync(new SweepListQuery { State = SweepState.Running, Take = 10 }, total: 1));
        Assert.Equal(["other-0"], await IdsAsync(new SweepListQuery { Owner = "Eve", Take = 10 }, total: 1));
        Assert.Equal(["other-0"], await IdsAsync(new SweepListQuery { Text = " EVE ", Take = 10 }, total: 1));
        Assert.Equal(["other-0"], await IdsAsync(new SweepListQuery { Text = "ed_100%", Take = 10 }, total: 1));
        Assert.Equal(["sweep-2", "sweep-1"], await IdsAsync(new SweepListQuery { Text = "SWEEP-", Take = 2 }, total: 3));
        // Wildcards are letters.
        Assert.Empty(await IdsAsync(new SweepListQuery { Text = "%", State = SweepState.Running, Take = 10 }, total: 0));
        Assert.Empty(await IdsAsync(new SweepListQuery { Text = @"\", Take = 10 }, total: 0));
        Assert.Equal(["Eve", Rows.Plan.Owner], await Queries.ListOwnersAsync(Token));
    }

    [Fact]
    public async Task ListSweeps_StagesOfSearches_OnlyWhereAskedFor()
    {
        await SubmitAsync(count: 1);
        foreach (var method in new[] { SearchPlan.Screen, SearchPlan.Race, SearchPlan.Fit, SearchPlan.Impact, SearchPlan.Racing })
            await _store.SubmitAsync(method, Rows.Plan with { Search = new SearchPlan { Method = method } }, "text", Token);
        Assert.Equal([SearchPlan.Racing, "sweep-0"], (await IdsAsync(new SweepListQuery { Take = 10 }, total: 2)).Order(StringComparer.Ordinal));
        Assert.Equal(6, (await IdsAsync(new SweepListQuery { WithStages = true, Take = 10 }, total: 6)).Count);
        Assert.All((await _store.ListSweepsAsync(Token)).Where(sweep => SearchStages.IsStage(sweep.Plan)), stage => Assert.NotEqual(SearchPlan.Racing, stage.Id));
    }

    [Fact]
    public async Task Batches_OfSweeps_AreCountedByState()
    {
        await Rows.PrepareAsync(_store, Token);
        await _store.AddBatchesAsync([.. Enumerable.Range(1, 3).Select(number => Rows.Batch with { Id = $"{Rows.SweepId}/{number:000000}" })], Token);
        await EndAsync(0, BatchStatus.Completed, null);
        await EndAsync(1, BatchStatus.Quarantined, "it killed its worker");
        await _store.TryGrantAsync($"{Rows.SweepId}/000002", 0, "worker", 30, Token);
        var counts = await Queries.CountBatchesAsync([Rows.SweepId, "no sweep"], Token);
        Assert.Equal(new BatchCounts { Pending = 1, Leased = 1, Completed = 1, SetAside = 1, Canceled = 0 }, Assert.Single(counts).Value);
        var aside = Assert.Single(await Queries.ListSetAsideAsync([Rows.SweepId], 10, Token));
        Assert.Equal(($"{Rows.SweepId}/000001", "it killed its worker"), (aside.Id, aside.Reason));
        Assert.Empty(await Queries.ListSetAsideAsync(["no sweep"], 10, Token));
    }

    [Fact]
    public async Task DeviceSeconds_OfSweeps_AreTheirCosts()
    {
        await RecordAsync(Rows.Result(0, 0), Rows.Result(0, 1));
        var sums = await Queries.SumDeviceSecondsAsync([Rows.SweepId, "no sweep"], Token);
        Assert.Equal((Rows.SweepId, (await _store.ReadCostAsync(Rows.SweepId, Token)).DeviceSeconds), (Assert.Single(sums).Key, sums[Rows.SweepId]));
    }

    [Fact]
    public async Task ItemPairs_ByChange_AreFilteredCountedAndPaged()
    {
        await RecordAsync(
            Scored(0, 0, em: 1), Scored(1, 0, em: 0),
            Scored(0, 1, em: 0), Scored(1, 1, em: 1),
            Scored(0, 2, em: 1), Scored(1, 2, em: 1));
        var query = new ItemPairQuery { Before = Rows.Jobs[0].Id, After = Rows.Jobs[1].Id, Metric = "em" };
        Assert.Equal(new ItemPairCounts { Items = 3, Scored = 3, Better = 1, Worse = 1 }, await Queries.CountItemPairsAsync(query, Token));
        Assert.Equal([new("item-0", 1, 0), new("item-1", 0, 1), new("item-2", 1, 1)], (await Queries.ListItemPairsAsync(query, Token)).Items);
        Assert.Equal(["item-1"], await ItemsAsync(query with { Change = ItemChange.Better }));
        Assert.Equal(["item-0"], await ItemsAsync(query with { Change = ItemChange.Worse }));
        Assert.Equal(["item-0", "item-1"], await ItemsAsync(query with { Change = ItemChange.Changed }));

        var page = await Queries.ListItemPairsAsync(query with { Take = 2 }, Token);
        Assert.Equal((2, "item-1"), (page.Items.Count, page.Next));
        page = await Queries.ListItemPairsAsync(query with { Take = 2, Behind = page.Next }, Token);
        Assert.Equal(("item-2", null), (Assert.Single(page.Items).ItemId, page.Next));

        var ofSplit = query with { Items = ["item-0", "item-2"] };
        Assert.Equal(["item-0", "item-2"], await ItemsAsync(ofSplit));
        Assert.Equal(new ItemPairCounts { Items = 2, Scored = 2, Better = 0, Worse = 1 }, await Queries.CountItemPairsAsync(ofSplit, Token));
    }

    [Fact]
    public async Task ItemPairs_RowWithAPair_IsComparedWithIt()
    {
        await RecordAsync(Scored(0, 0, em: 1), Scored(1, 0, em: 1) with { Pair = new PairScore { Metrics = new Dictionary<string, double> { ["em"] = 0.25 }, LogLikelihood = -8 } });
        var query = new ItemPairQuery { Before = Rows.Jobs[0].Id, After = Rows.Jobs[1].Id, Metric = "em" };
        Assert.Equal(new ItemPairScore("item-0", 0.25, 1), Assert.Single((await Queries.ListItemPairsAsync(query, Token)).Items));
        Assert.Equal(new ItemPairScore("item-0", -8, -1.5), Assert.Single((await Queries.ListItemPairsAsync(query with { Metric = null }, Token)).Items));
        Assert.Equal(new ItemPairScore("item-0", -4, -0.75), Assert.Single((await Queries.ListItemPairsAsync(query with { Metric = null, PerToken = true }, Token)).Items));
    }

    [Fact]
    public async Task ItemPairs_WithoutAScore_AreItemsButNeitherBetterNorWorse()
    {
        await RecordAsync(Scored(0, 0, em: 1), Scored(1, 0, em: 0), Scored(0, 1, em: 0), Rows.Result(1, 2));
        var query = new ItemPairQuery { Before = Rows.Jobs[0].Id, After = Rows.Jobs[1].Id, Metric = "bleu" };
        Assert.Equal(new ItemPairScore("item-0", null, null), Assert.Single((await Queries.ListItemPairsAsync(query, Token)).Items));
        Assert.Equal(new ItemPairCounts { Items = 1, Scored = 0, Better = 0, Worse = 0 }, await Queries.CountItemPairsAsync(query, Token));
        Assert.Empty(await ItemsAsync(query with { Change = ItemChange.Changed }));
    }

    [Fact]
    public async Task Scores_OfJobs_AreThoseOfAllTheirRows()
    {
        await RecordAsync(
            Scored(0, 0, em: 1), Scored(0, 1, em: 0),
            Scored(1, 0, em: 0) with { Pair = new PairScore { Metrics = new Dictionary<string, double> { ["em"] = 0.25 }, LogLikelihood = -8 } });
        var (one, other) = (Rows.Jobs[0].Id, Rows.Jobs[1].Id);
        var counts = await Queries.CountRowsAsync([one, other, None], Token);
        Assert.Equal([(one, 2), (other, 1)], counts.Select(count => (count.Key, count.Value)).OrderByDescending(count => count.Value));

        var query = new RowScoreQuery { Jobs = [one, other, None], Metric = "em" };
        Assert.Equal([new(other, "item-0", 0, 0.25, 2), new(one, "item-0", 1, null, 2), new(one, "item-1", 0, null, 2)], await ScoresAsync(query));
        Assert.Equal(new RowScore(other, "item-0", -1.5, -8, 2), (await ScoresAsync(query with { Metric = null })).First());
        Assert.Equal(new RowScore(other, "item-0", -0.75, -4, 2), (await ScoresAsync(query with { Metric = null, PerToken = true })).First());
        Assert.Equal([null, null, null], (await ScoresAsync(query with { Metric = "bleu" })).Select(row => row.Score));
        Assert.Empty(await ScoresAsync(query with { Jobs = [] }));

        async Task<IEnumerable<RowScore>> ScoresAsync(RowScoreQuery wanted) =>
            (await Queries.ListScoresAsync(wanted, Token)).OrderBy(row => row.Job == one).ThenBy(row => row.ItemId, StringComparer.Ordinal);
    }

    [Fact]
    public async Task ListJobs_FromAJob_AreThoseOfTheSweepThatFollow()
    {
        await Rows.PrepareAsync(_store, Token);
        var all = await Queries.ListJobsAsync(Rows.SweepId, null, 10, Token);
        Assert.Equal(Rows.SweepJobs.Select(job => (job.Job.Id, job.Benchmark)).Order(), all.Order());
        Assert.Equal(all.Skip(1).Take(1), await Queries.ListJobsAsync(Rows.SweepId, all[1].Job, 1, Token));
        Assert.Empty(await Queries.ListJobsAsync(Rows.SweepId, None, 10, Token));
        Assert.Empty(await Queries.ListJobsAsync("no sweep", null, 10, Token));
    }

    [Fact]
    public async Task ReadItemResults_FewItemsAndMany_AreTheSameRows()
    {
        await RecordAsync(Rows.Result(0, 0), Rows.Result(0, 1), Rows.Result(0, 2));
        var few = await ReadAsync(["item-2", "item-0", "none"]);
        var many = await ReadAsync(["item-2", "item-0", .. Enumerable.Range(0, 500).Select(item => $"none-{item}")]);
        Assert.Equal(["item-0", "item-2"], few.Select(row => row.ItemId));
        Assert.Equal(few.Select(row => (row.ItemId, row.LogLikelihood, row.Metrics["em"])), many.Select(row => (row.ItemId, row.LogLikelihood, row.Metrics["em"])));
    }

    private async Task<List<ItemResult>> ReadAsync(string[] items)
    {
        var rows = new List<ItemResult>();
        await foreach (var row in _store.ReadItemResultsAsync([Rows.Jobs[0].Id], items, Token))
            rows.Add(row);
        return rows;
    }

    private async Task SubmitAsync(int count)
    {
        for (var number = 0; number < count; number++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await _store.SubmitAsync($"sweep-{number}", Rows.Plan, "text", Token);
        }

        _time.Advance(TimeSpan.FromSeconds(1));
    }

    private async Task<IReadOnlyList<string>> IdsAsync(SweepListQuery query, int total)
    {
        var page = await Queries.ListSweepsAsync(query, Token);
        Assert.Equal(total, page.Total);
        return [.. page.Sweeps.Select(sweep => sweep.Id)];
    }

    private async Task<IEnumerable<string>> ItemsAsync(ItemPairQuery query) => (await Queries.ListItemPairsAsync(query, Token)).Items.Select(item => item.ItemId);

    private async Task EndAsync(int number, BatchStatus status, string? reason)
    {
        var lease = await _store.TryGrantAsync($"{Rows.SweepId}/{number:000000}", 0, "worker", 30, Token);
        Assert.True(await _store.EndLeaseAsync(lease!, status, reason, Token));
    }

    private async Task RecordAsync(params ItemResult[] rows)
    {
        await Rows.PrepareAsync(_store, Token);
        var lease = await _store.TryGrantAsync(Rows.Batch.Id, 0, "worker", 30, Token);
        Assert.Equal(rows.Length, (await _store.RecordAsync(lease!, Rows.Micro(rows), Token)).Accepted);
    }

    private static ItemResult Scored(int job, int item, double em) => Rows.Result(job, item) with { Metrics = new Dictionary<string, double> { ["em"] = em, ["f1"] = 0.5 } };
}
