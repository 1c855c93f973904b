using Npgsql;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Store;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Tests.Stores;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Persistence.Tests.Postgres;

public sealed class PostgresConcurrencyTests(PostgresServer server) : IAsyncLifetime
{
    private readonly PostgresHome _home = new(server);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task Record_SameRowsByManyWritersInAnyOrder_IsOneOfEachAndNobodyIsRefused()
    {
        // Six sweeps share 40 jobs and 25 new items; each writer sends the same rows in an order of its own.
        const int Writers = 6;
        var jobs = Rows.ManyJobs(40);
        var stores = await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ => await _home.OpenAsync()));
        var leases = new Lease[Writers];
        for (var writer = 0; writer < Writers; writer++)
        {
            var sweep = $"sweep-{writer}";
            await stores[0].SubmitAsync(sweep, Rows.Plan, "text", Token);
            await stores[0].AddJobsAsync(sweep, jobs, Token);
            await stores[0].AddBatchesAsync([Rows.Batch with { Id = $"{sweep}/000000", SweepId = sweep, Jobs = [.. jobs.Select(job => job.Job)] }], Token);
            leases[writer] = (await stores[0].TryGrantAsync($"{sweep}/000000", 0, $"w{writer}", 30, Token))!;
        }

        var rows = jobs.SelectMany(job => Enumerable.Range(0, 25).Select(item => Rows.Result(0, item) with { JobId = job.Job.Id })).ToArray();
        await _home.ExecuteAsync("SELECT pg_stat_reset()");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var mine = rows.ToArray();
            new Random(writer).Shuffle(mine);
            var (accepted, shared) = (0, 0);
            foreach (var chunk in mine.Chunk(250))
            {
                var outcome = await stores[writer].RecordAsync(leases[writer], Rows.Micro(chunk), Token);
                Assert.False(outcome.Late);
                accepted += outcome.Accepted;
                shared += outcome.Shared;
            }

            return (accepted, shared);
        }, Token)));

        Assert.Equal(rows.Length, outcomes.Sum(outcome => outcome.accepted));
        Assert.Equal(rows.Length * (Writers - 1), outcomes.Sum(outcome => outcome.shared));
        Assert.Equal((long)rows.Length, await _home.ExecuteAsync("SELECT count(*) FROM item_results"));
        Assert.Equal(25L, await _home.ExecuteAsync("SELECT count(*) FROM items"));
        Assert.Equal(0L, await _home.ExecuteAsync("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"));
    }

    [Fact]
    public async Task Record_ItemRemovedSinceItsKeyWasRemembered_IsWrittenUnderItsNewKey()
    {
        var store = await _home.OpenAsync();
        await Rows.PrepareAsync(store, Token);
        var lease = (await store.TryGrantAsync(Rows.Batch.Id, 0, "w", 30, Token))!;
        await store.RecordAsync(lease, Rows.Micro(Rows.Result(0, 0)), Token);
        await _home.ExecuteAsync("DELETE FROM item_results; DELETE FROM items");
        Assert.Equal(2, (await store.RecordAsync(lease, Rows.Micro(Rows.Result(0, 0), Rows.Result(0, 1)), Token)).Accepted);
        Assert.Equal(0L, await _home.ExecuteAsync("SELECT count(*) FROM item_results WHERE item_key NOT IN (SELECT key FROM items)"));
        Assert.Equal(2, (await store.ListRecordedAsync(Rows.Batch, Token)).Count);
    }

    [Fact]
    public async Task Record_JobThatIsNotThere_IsABug()
    {
        var store = await _home.OpenAsync();
        await Rows.PrepareAsync(store, Token);
        var lease = (await store.TryGrantAsync(Rows.Batch.Id, 0, "w", 30, Token))!;
        var stranger = Rows.Result(0, 0) with { JobId = Rows.ManyJobs(1)[0].Job.Id };
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.RecordAsync(lease, Rows.Micro(stranger), Token));
    }

    [Fact]
    public async Task Write_OfARowThatAHungProcessHolds_EndsByTheStatementTimeoutAndWorksWhenTheServerEndsThatTransaction()
    {
        // The hung one is a session with this store's own limit on idle transactions: 1 s here.
        var options = new PostgresStoreOptions { ConnectionString = await _home.ConnectionStringAsync(), StatementTimeoutSeconds = 2 };
        var store = await _home.OpenAsync();
        await Rows.PrepareAsync(store, Token);
        await using var sessions = PostgresConnection.Open(options);
        await using var hung = await sessions.OpenConnectionAsync(Token);
        await using var transaction = await hung.BeginTransactionAsync(Token);
        await using (var hold = new NpgsqlCommand("UPDATE batches SET reason = 'held'", hung, transaction))
            await hold.ExecuteNonQueryAsync(Token);

        var lease = await store.TryGrantAsync(Rows.Batch.Id, 0, "w", 30, Token);
        Assert.Equal(1, lease!.Token);
        var ended = await Assert.ThrowsAnyAsync<NpgsqlException>(() => transaction.CommitAsync(Token));
        Assert.Contains("25P03", ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_ThatWaitsLongerThanTheStatementTimeout_IsUnavailable()
    {
        var options = new PostgresStoreOptions { ConnectionString = await _home.ConnectionStringAsync(), StatementTimeoutSeconds = 1 };
        var store = await PostgresSweepStore.OpenAsync(options, Token);
        await using var closing = (IAsyncDisposable)store;
        await Rows.PrepareAsync(store, Token);
        await using var connection = new NpgsqlConnection(options.ConnectionString);
        await connection.OpenAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await using (var hold = new NpgsqlCommand("UPDATE batches SET reason = 'held'", connection, transaction))
            await hold.ExecuteNonQueryAsync(Token);
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.TryGrantAsync(Rows.Batch.Id, 0, "w", 30, Token));
        Assert.Contains("57014", refused.Message, StringComparison.Ordinal);
        await transaction.RollbackAsync(Token);
        Assert.NotNull(await store.TryGrantAsync(Rows.Batch.Id, 0, "w", 30, Token));
    }
}
