using Microsoft.Extensions.Time.Testing;
using Sweep.Contracts.Store;
using Sweep.Persistence.Audits;
using Sweep.Persistence.Retention;
using Sweep.Persistence.Tests.Stores;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Persistence.Tests.Contract;

public sealed class SqliteRetentionTests() : RetentionContract(new SqliteHome());

public sealed class PostgresRetentionTests(PostgresServer server) : RetentionContract(new PostgresHome(server));

/// <summary>What removal takes and what it leaves, the same on every database.</summary>
public abstract class RetentionContract(StoreHome home) : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private ISweepStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await home.OpenAsync(time: _time);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return home.DisposeAsync();
    }

    [Fact]
    public async Task Remove_JobsThatAnotherSweepHas_KeepTheirRows()
    {
        await RunAsync("one", [0, 1], SweepState.Completed);
        await RunAsync("two", [1], SweepState.Completed);
        var report = await SweepRetention.RemoveAsync(_store, "one", Token);
        Assert.Equal((1, 3L, "one"), (report.Jobs, report.Rows, Assert.Single(report.Sweeps)));
        Assert.Equal(["two"], (await _store.ListSweepsAsync(Token)).Select(sweep => sweep.Id));
        Assert.Equal(3, (await _store.CountRecordedAsync([Rows.Jobs[1].Id], Rows.Batch.ItemIds, Token))[Rows.Jobs[1].Id]);
        Assert.Null(await _store.FindJobAsync(Rows.Jobs[0].Id, Token));
        foreach (var table in new[] { "batches", "attempts", "sweep_jobs" })
            Assert.Equal(0L, await CountAsync($"{table} WHERE sweep_id = 'one'"));

        Assert.Equal((1, 3L), await RemoveAsync("two"));
        foreach (var table in new[] { "sweeps", "jobs", "item_results", "sweep_jobs", "batches", "attempts" })
            Assert.Equal(0L, await CountAsync(table));
    }

    [Theory]
    [InlineData(SweepState.Submitted)]
    [InlineData(SweepState.Running)]
    [InlineData(SweepState.Paused)]
    public async Task Remove_SweepThatIsNotAtItsEnd_IsRefused(SweepState state)
    {
        await RunAsync("one", [0], state);
        var refused = await Assert.ThrowsAsync<SweepInUseException>(() => SweepRetention.RemoveAsync(_store, "one", Token));
        Assert.Equal($"one: found it {state}, expected a sweep at its end (cancel it first)", refused.Message);
        Assert.Equal(3L, await CountAsync("item_results"));
    }

    [Fact]
    public async Task Remove_ThenTheSameSweepAgain_RunsAsIfNew()
    {
        await RunAsync("one", [0, 1], SweepState.Completed);
        await SweepRetention.RemoveAsync(_store, "one", Token);
        await RunAsync("one", [0, 1], SweepState.Completed);
        Assert.Equal(6L, await CountAsync("item_results"));
        Assert.Equal(1, (await _store.ReadCostAsync("one", Token)).Attempts);
    }

    [Fact]
    public async Task Collect_ByAge_TakesOldSweepsAndWhatNothingRefersTo()
    {
        await RunAsync("old", [0], SweepState.Completed);
        await RunAsync("paused", [0], SweepState.Paused);
        await _store.SaveArtifactAsync("calibration/unused", [1], Token);
        await _store.SaveArtifactAsync("calibration/used", [2], Token);
        await _store.SaveArtifactAsync("planning/old/000000", [3], Token);
        await _store.SaveArtifactAsync("planning/gone/000000", [4], Token);
        await _store.SaveArtifactAsync("planning/young/000000", [5], Token);
        _time.Advance(TimeSpan.FromDays(29));
        await RunAsync("young", [1], SweepState.Canceled);
        Assert.NotNull(await _store.FindArtifactAsync("calibration/used", Token));
        _time.Advance(TimeSpan.FromDays(2));
        await home.ExecuteAsync("INSERT INTO items (item_id) VALUES ('of nobody')");

        var planned = await CollectAsync(dryRun: true);
        Assert.Equal(("old", 0, 0L), (Assert.Single(planned.Sweeps), planned.Jobs, planned.Rows));
        Assert.Equal(3, (await _store.ListSweepsAsync(Token)).Count);

        var report = await CollectAsync(dryRun: false);
        // Its one job is the paused sweep's too.
        Assert.Equal(("old", 0, 0L, 1, 2), (Assert.Single(report.Sweeps), report.Jobs, report.Rows, report.Items, report.Artifacts));
        Assert.Equal(6L, await CountAsync("item_results"));
        Assert.Equal(2L, await CountAsync("artifacts"));
        Assert.NotNull(await _store.FindArtifactAsync("planning/young/000000", Token));

        report = await CollectAsync(dryRun: false);
        Assert.Equal((0, 0, 0L, 0, 0), (report.Sweeps.Count, report.Jobs, report.Rows, report.Items, report.Artifacts));
    }

    [Theory]
    [InlineData(SweepState.Submitted)]
    [InlineData(SweepState.Resolving)]
    [InlineData(SweepState.Expanding)]
    [InlineData(SweepState.Running)]
    public async Task Collect_WhileASweepRuns_IsRefused(SweepState state)
    {
        await RunAsync("one", [0], state);
        await home.ExecuteAsync("INSERT INTO items (item_id) VALUES ('of nobody')");
        Assert.Contains($"one: found it {state}", (await Assert.ThrowsAsync<SweepInUseException>(() => CollectAsync(dryRun: false))).Message, StringComparison.Ordinal);
        Assert.Equal(1L, await CountAsync("items WHERE item_id = 'of nobody'"));
    }

    [Fact]
    public async Task Collect_AfterAnInterruptedRemoval_TakesTheRest()
    {
        await RunAsync("one", [0, 1], SweepState.Completed);
        await home.ExecuteAsync("DELETE FROM attempts; DELETE FROM batches; DELETE FROM sweep_jobs; DELETE FROM sweeps");
        var report = await CollectAsync(dryRun: false);
        Assert.Equal((2, 6L, 3), (report.Jobs, report.Rows, report.Items));
    }

    [Fact]
    public async Task Remove_WhileAnotherSweepTakesTheSameJobs_LeavesThatSweepWhole()
    {
        var other = await home.OpenAsync(time: _time);
        for (var round = 0; round < 6; round++)
        {
            await RunAsync("one", [0, 1], SweepState.Completed);
            await Task.WhenAll(
                Task.Run(() => SweepRetention.RemoveAsync(_store, "one", Token), Token),
                Task.Run(() => RunAsync(other, "two", [0, 1], SweepState.Completed), Token));
            var (audit, _) = await SweepAuditor.AuditAsync(other, "two", 0, 0, Token);
            Assert.Empty(audit.Problems);
            Assert.Equal(6, audit.RowsRecorded);
            await SweepRetention.RemoveAsync(other, "two", Token);
        }
    }

    private Task<RemovalReport> CollectAsync(bool dryRun) => SweepRetention.CollectAsync(_store, TimeSpan.FromDays(30), dryRun, _time, Token);

    private async Task<(int Jobs, long Rows)> RemoveAsync(string sweepId)
    {
        var report = await SweepRetention.RemoveAsync(_store, sweepId, Token);
        return (report.Jobs, report.Rows);
    }

    private async Task<long> CountAsync(string from) => Convert.ToInt64(await home.ExecuteAsync($"SELECT count(*) FROM {from}"), null);

    private Task RunAsync(string sweepId, int[] jobs, SweepState state) => RunAsync(_store, sweepId, jobs, state);

    /// <summary>A sweep of these jobs, all of whose rows are recorded, in a state.</summary>
    private static async Task RunAsync(ISweepStore store, string sweepId, int[] jobs, SweepState state)
    {
        await store.SubmitAsync(sweepId, Rows.Plan, "text", Token);
        await store.SaveResolutionAsync(sweepId, Rows.Resolved, Token);
        await store.AddJobsAsync(sweepId, [.. jobs.Select(job => Rows.SweepJobs[job])], Token);
        var batch = Rows.Batch with { Id = $"{sweepId}/000000", SweepId = sweepId, Jobs = [.. jobs.Select(job => Rows.Jobs[job])] };
        await store.AddBatchesAsync([batch], Token);
        var lease = (await store.TryGrantAsync(batch.Id, 0, "w", 30, Token))!;
        await store.RecordAsync(lease, Rows.Micro([.. jobs.SelectMany(job => Enumerable.Range(0, 3).Select(item => Rows.Result(job, item)))]), Token);
        await store.EndLeaseAsync(lease, BatchStatus.Completed, null, Token);
        await store.TrySetStateAsync(sweepId, [SweepState.Submitted], state, null, Token);
    }
}
