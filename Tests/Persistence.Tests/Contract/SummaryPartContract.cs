using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Persistence.Queries;
using Sweep.Persistence.Reports;
using Sweep.Persistence.Retention;
using Sweep.Persistence.Tests.Stores;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Persistence.Tests.Contract;

public sealed class SqliteSummaryPartTests() : SummaryPartContract(new SqliteHome());

public sealed class PostgresSummaryPartTests(PostgresServer server) : SummaryPartContract(new PostgresHome(server));

/// <summary>Summaries read in parts, the same on every database, and the same as the whole.</summary>
public abstract class SummaryPartContract(StoreHome home) : IAsyncLifetime
{
    private ISweepStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ISweepQueries Queries => (ISweepQueries)_store;

    public async ValueTask InitializeAsync()
    {
        _store = await home.OpenAsync();
        await _store.SubmitAsync(Rows.SweepId, Rows.Plan, "text", Token);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return home.DisposeAsync();
    }

    [Fact]
    public async Task Parts_OfASummary_SayWhatTheWholeSays()
    {
        var summary = Summaries.Of(Rows.SweepId, seed: 1);
        await _store.SaveSummaryAsync(Rows.SweepId, summary, Token);
        await AreOfAsync(summary);
        Assert.Equal(Json(summary), Json(await _store.LoadSummaryAsync(Rows.SweepId, Token)));
    }

    [Fact]
    public async Task Parts_SummaryOfMoreThanAStatementTakes_AreAll()
    {
        var few = Summaries.Of(Rows.SweepId, seed: 1);
        var summary = few with { Cells = [.. Enumerable.Range(0, (SummaryParts.AtOnce / few.Cells.Count) + 1).SelectMany(seed => Summaries.Of(Rows.SweepId, seed).Cells)] };
        Assert.True(summary.Cells.Count > SummaryParts.AtOnce);
        await _store.SaveSummaryAsync(Rows.SweepId, summary, Token);
        Assert.Equal(CellScore.Of(summary), await Queries.ListCellsAsync(Rows.SweepId, new CellQuery(), Token));
    }

    [Fact]
    public async Task Parts_SavedAgain_AreThoseOfTheLast()
    {
        await _store.SaveSummaryAsync(Rows.SweepId, Summaries.Of(Rows.SweepId, seed: 1), Token);
        var last = Summaries.Of(Rows.SweepId, seed: 2);
        last = last with { Cells = [.. last.Cells.Skip(5)], Rows = [.. last.Rows.Skip(1)] };
        await _store.SaveSummaryAsync(Rows.SweepId, last, Token);
        await AreOfAsync(last);
    }

    [Fact]
    public async Task Parts_DocumentOfAVersionThatMakesNone_AreMadeWhenLookedAt()
    {
        var first = Summaries.Of(Rows.SweepId, seed: 1);
        await WriteAsVersionBeforeAsync(first);
        await AreOfAsync(first);

        // It goes on beside this one and writes another.
        var second = Summaries.Of(Rows.SweepId, seed: 2) with { Name = "another name" };
        await WriteAsVersionBeforeAsync(second);
        await AreOfAsync(second);
    }

    [Fact]
    public async Task Parts_NoSummaryOrOneOfAnotherVersion_AreNone()
    {
        await AreNoneAsync();
        await home.ExecuteAsync("""UPDATE sweeps SET summary = '{"sweep_id":"s","name":"rows","rows":[{"log_likelihood_control_rank":1}],"cells":[]}'""");
        await AreNoneAsync();
    }

    [Fact]
    public async Task Parts_SweepRemoved_AreGone()
    {
        await _store.SaveSummaryAsync(Rows.SweepId, Summaries.Of(Rows.SweepId, seed: 1), Token);
        await _store.TrySetStateAsync(Rows.SweepId, [SweepState.Submitted], SweepState.Completed, null, Token);
        await SweepRetention.RemoveAsync(_store, Rows.SweepId, Token);
        await HasNoPartsAsync();
    }

    [Fact]
    public async Task Parts_SweepRemovedByAVersionThatKnowsNone_AreGone()
    {
        await _store.SaveSummaryAsync(Rows.SweepId, Summaries.Of(Rows.SweepId, seed: 1), Token);
        await home.ExecuteAsync("DELETE FROM sweeps");
        await HasNoPartsAsync();
    }

    private async Task AreOfAsync(SweepSummary summary)
    {
        var outline = await Queries.FindOutlineAsync(Rows.SweepId, Token);
        Assert.Equal(Json(summary with { Cells = [] }), Json(outline));

        var rows = summary.Rows.Where(row => row.TestItems > 0).OrderBy(row => row.Unit).ThenByDescending(row => row.Effect).ToArray();
        var page = await Queries.ListRowsAsync(Rows.SweepId, new SummaryRowQuery { Skip = 1, Take = 2 }, Token);
        Assert.Equal((Json(rows[1..3]), rows.Length), (Json(page.Rows), page.Total));
        var ofOne = await Queries.ListRowsAsync(Rows.SweepId, new SummaryRowQuery { Model = "m", Benchmark = "squad", Take = 100 }, Token);
        Assert.Equal(Json(rows.Where(row => row.Benchmark == "squad")), Json(ofOne.Rows));

        var cells = CellScore.Of(summary);
        Assert.Equal(cells, await Queries.ListCellsAsync(Rows.SweepId, new CellQuery(), Token));
        foreach (var benchmark in summary.Cells.Select(cell => cell.Benchmark).Distinct())
        {
            var query = new CellQuery { Model = "m", Benchmark = benchmark, Bottleneck = "ü" };
            Assert.Equal(cells.Where(cell => cell.Benchmark == benchmark && cell.Bottleneck == "ü"), await Queries.ListCellsAsync(Rows.SweepId, query, Token));
            var bands = ReportReader.Bands(summary.Cells.Where(cell => cell.Benchmark == benchmark));
            Assert.NotEmpty(bands);
            Assert.All(cells.Where(cell => cell.Benchmark == benchmark), cell => Assert.Equal(bands.GetValueOrDefault((cell.Bottleneck, cell.Scalar)), cell.Band));
        }

        var some = await Queries.ListSummaryCellsAsync(Rows.SweepId, new SummaryCellQuery { After = 0, Take = 3 }, Token);
        Assert.Equal((Json(summary.Cells.Skip(1).Take(3)), 3), (Json(some.Cells), some.Next));
        var named = await Queries.ListSummaryCellsAsync(Rows.SweepId, new SummaryCellQuery { Model = "m", Benchmark = "squad", Bottleneck = "ü", Take = 1_000 }, Token);
        Assert.Equal((Json(summary.Cells.Where(one => one is { Benchmark: "squad", Bottleneck: "ü" })), null), (Json(named.Cells), named.Next));

        var cell = Own(summary).First(one => one.Scalar == 1.0 / 3);
        Assert.Equal(Json(cell), Json(await Queries.FindCellAsync(Rows.SweepId, "m", cell.Benchmark, cell.Bottleneck, cell.Scalar, Token)));
        Assert.NotNull(await Queries.FindCellAsync(Rows.SweepId, "m", "squad", "c", null, Token));
        Assert.Null(await Queries.FindCellAsync(Rows.SweepId, "m", "squad", "c", 7, Token));
    }

    private async Task AreNoneAsync()
    {
        Assert.Null(await Queries.FindOutlineAsync(Rows.SweepId, Token));
        Assert.Empty((await Queries.ListRowsAsync(Rows.SweepId, new SummaryRowQuery { Take = 1 }, Token)).Rows);
        Assert.Empty(await Queries.ListCellsAsync(Rows.SweepId, new CellQuery(), Token));
        Assert.Null(await Queries.FindCellAsync(Rows.SweepId, "m", "squad", "b", 0.5, Token));
        Assert.Null(await Queries.FindOutlineAsync("no sweep", Token));
    }

    private async Task HasNoPartsAsync()
    {
        foreach (var table in new[] { "summaries", "summary_rows", "summary_cells" })
            Assert.Equal(0L, await home.ExecuteAsync($"SELECT count(*) FROM {table}"));
    }

    private Task WriteAsVersionBeforeAsync(SweepSummary summary) => home.ExecuteAsync($"UPDATE sweeps SET summary = '{Json(summary).Replace("'", "''", StringComparison.Ordinal)}'");

    private static IEnumerable<SummaryCell> Own(SweepSummary summary) => summary.Cells.Where(cell => cell.ControlIndex is null);

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, SweepJson.Options);
}
