using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Persistence.Tests.Stores;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Persistence.Tests.Contract;

public sealed class SqliteSweepTests() : SweepContract(new SqliteHome());

public sealed class PostgresSweepTests(PostgresServer server) : SweepContract(new PostgresHome(server));

/// <summary>Sweeps, jobs, batches and documents, the same on every database.</summary>
public abstract class SweepContract(StoreHome home) : IAsyncLifetime
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return home.DisposeAsync();
    }

    [Fact]
    public async Task Submit_Twice_IsOneSweep()
    {
        var store = await home.OpenAsync();
        var first = await store.SubmitAsync(Rows.SweepId, Rows.Plan, "text", Token);
        var second = await store.SubmitAsync(Rows.SweepId, Rows.Plan, "text", Token);
        Assert.Equal(first.SubmittedAt, second.SubmittedAt);
        Assert.Single(await store.ListSweepsAsync(Token));
        Assert.Equal(Rows.Plan.Bottlenecks[0].Channels.Explicit, second.Plan.Bottlenecks[0].Channels.Explicit);
    }

    [Fact]
    public async Task Summary_OfAnotherVersion_IsNone()
    {
        var store = await home.OpenAsync();
        await store.SubmitAsync(Rows.SweepId, Rows.Plan, "text", Token);
        Assert.Null(await store.LoadSummaryAsync(Rows.SweepId, Token));
        await store.SaveSummaryAsync(Rows.SweepId, new SweepSummary { SweepId = Rows.SweepId, Name = "rows", Rows = [], Cells = [], NullSweeps = 20 }, Token);
        Assert.Equal((SweepSummary.CurrentVersion, 20), (await store.LoadSummaryAsync(Rows.SweepId, Token)) is { } summary ? (summary.Version, summary.NullSweeps) : default);

        // As the version before wrote it: without a version, with members that are no more.
        await home.ExecuteAsync("""UPDATE sweeps SET summary = '{"sweep_id":"s","name":"rows","rows":[{"log_likelihood_control_rank":1}],"cells":[]}'""");
        Assert.Null(await store.LoadSummaryAsync(Rows.SweepId, Token));
    }

    [Fact]
    public async Task SetState_FromAnotherState_ChangesNothing()
    {
        var store = await home.OpenAsync();
        await store.SubmitAsync(Rows.SweepId, Rows.Plan, "text", Token);
        Assert.True(await store.TrySetStateAsync(Rows.SweepId, [SweepState.Submitted, SweepState.Running], SweepState.Faulted, "a\0b\ud800c", Token));
        Assert.False(await store.TrySetStateAsync(Rows.SweepId, [SweepState.Submitted], SweepState.Resolving, null, Token));
        Assert.False(await store.TrySetStateAsync("another", [SweepState.Submitted], SweepState.Resolving, null, Token));
        var sweep = (await store.FindSweepAsync(Rows.SweepId, Token))!;
        Assert.Equal((SweepState.Faulted, "a\ufffdb\ufffdc"), (sweep.State, sweep.Reason));
        Assert.NotNull(sweep.FinishedAt);
    }

    [Fact]
    public async Task SetState_ManyAtOnce_OneWins()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => await home.OpenAsync()));
        await stores[0].SubmitAsync(Rows.SweepId, Rows.Plan, "text", Token);
        var won = await Task.WhenAll(stores.Select(store => Task.Run(() => store.TrySetStateAsync(Rows.SweepId, [SweepState.Submitted], SweepState.Resolving, null, Token), Token)));
        Assert.Single(won, one => one);
    }

    [Fact]
    public async Task Times_Whatever_ComeBackToTheMicrosecond()
    {
        var time = new FakeTimeProvider();
        var store = await home.OpenAsync(time: time);
        var sample = 0;
        await Gen.Long[0, TimeSpan.FromDays(3000).Ticks].SampleAsync(
            async ticks =>
            {
                var moment = DateTimeOffset.UnixEpoch.AddYears(40).AddTicks(ticks);
                time.AdjustTime(moment);
                var id = $"sweep-{Interlocked.Increment(ref sample)}";
                await store.SubmitAsync(id, Rows.Plan, "text", Token);
                await store.TrySetStateAsync(id, [SweepState.Submitted], SweepState.Canceled, null, Token);
                var found = (await store.FindSweepAsync(id, Token))!;
                var expected = new DateTimeOffset(moment.UtcTicks / 10 * 10, TimeSpan.Zero);
                Assert.Equal((expected, expected), (found.SubmittedAt, found.FinishedAt));
            },
            iter: 25,
            threads: 1);
    }

    [Fact]
    public async Task List_Sweeps_AreNewestFirstAndThenByIdOrdinally()
    {
        var time = new FakeTimeProvider();
        var store = await home.OpenAsync(time: time);
        foreach (var id in new[] { "b", "B", "a-1", "a1" })
            await store.SubmitAsync(id, Rows.Plan, "text", Token);
        time.Advance(TimeSpan.FromMicroseconds(1));
        await store.SubmitAsync("later", Rows.Plan, "text", Token);
        Assert.Equal(["later", "B", "a-1", "a1", "b"], (await store.ListSweepsAsync(Token)).Select(sweep => sweep.Id));
    }

    [Fact]
    public async Task Jobs_AddedAgainOrByTwoAtOnce_AreThereOnce()
    {
        var (one, two) = (await home.OpenAsync(), await home.OpenAsync());
        var jobs = Rows.ManyJobs(300);
        await one.SubmitAsync("one", Rows.Plan, "text", Token);
        await one.SubmitAsync("two", Rows.Plan, "text", Token);
        await Task.WhenAll(
            Task.Run(() => one.AddJobsAsync("one", jobs, Token), Token),
            Task.Run(() => two.AddJobsAsync("two", [.. jobs.Reverse().Select((job, index) => job with { Ordinal = index })], Token), Token));
        await one.AddJobsAsync("one", jobs, Token);
        var found = await one.ListJobsAsync("one", Token);
        Assert.Equal(jobs.Select(job => (job.Ordinal, job.Job.Id, job.Benchmark)), found.Select(job => (job.Ordinal, job.Job.Id, job.Benchmark)));
        Assert.Equal(jobs.Select(job => job.Job.Id).Reverse(), (await two.ListJobsAsync("two", Token)).Select(job => job.Job.Id));
        Assert.Equal(300L, Convert.ToInt64(await home.ExecuteAsync("SELECT count(*) FROM jobs"), null));
    }

    [Fact]
    public async Task Batches_Loaded_AreWhatWasAdded()
    {
        var store = await home.OpenAsync();
        await Rows.PrepareAsync(store, Token);
        await Rows.PrepareAsync(store, Token);
        var batch = await store.LoadBatchAsync(Rows.Batch.Id, Token);
        Assert.Equal(Rows.Batch.Jobs.Select(job => job.Id), batch.Jobs.Select(job => job.Id));
        Assert.Equal(Rows.Batch.ItemIds, batch.ItemIds);
        Assert.Equal(Rows.Batch.MicroBatches, batch.MicroBatches);
        Assert.Equal([0, 1], (await store.ListJobsAsync(Rows.SweepId, Token)).Select(job => job.Ordinal));
        Assert.Equal(Rows.Jobs[1].Id, (await store.FindJobAsync(Rows.Jobs[1].Id, Token))!.Id);
        Assert.Equal(Rows.Resolved.Benchmarks[0].Items.Select(item => item.Id), (await store.LoadResolutionAsync(Rows.SweepId, Token))!.Benchmarks[0].Items.Select(item => item.Id));
    }

    [Fact]
    public async Task Batches_ItemIdsWithAnyCharacter_ComeBack()
    {
        var store = await home.OpenAsync();
        await Rows.PrepareAsync(store, Token);
        var odd = Rows.Batch with { Id = $"{Rows.SweepId}/000001", ItemIds = ["\0", "\u0001", "\"\\'", "é\u2028"], MicroBatches = [] };
        await store.AddBatchesAsync([odd], Token);
        Assert.Equal(odd.ItemIds, (await store.LoadBatchAsync(odd.Id, Token)).ItemIds);
    }

    [Fact]
    public async Task Artifact_SavedAtOnceByMany_IsOneThatIsFound()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => await home.OpenAsync()));
        Assert.Null(await stores[0].FindArtifactAsync("a", Token));
        await Task.WhenAll(stores.Select(store => Task.Run(() => store.SaveArtifactAsync("a", [0, 1, 255], Token), Token)));
        await stores[1].SaveArtifactAsync("a", [9], Token);
        Assert.Equal(new byte[] { 0, 1, 255 }, await stores[2].FindArtifactAsync("a", Token));
    }
}
