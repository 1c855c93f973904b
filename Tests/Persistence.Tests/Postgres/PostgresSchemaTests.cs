using Microsoft.EntityFrameworkCore;
using Sweep.Contracts.Store;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Tests.Stores;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Persistence.Tests.Postgres;

public sealed class PostgresSchemaTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Model_Migrations_LeaveNothingPending()
    {
        using var source = Npgsql.NpgsqlDataSource.Create("Host=none;Database=none");
        using var context = new PostgresSweepDbContext(PostgresSweepDbContext.Over(source));
        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task Migrate_ByManyAtOnce_IsDoneOnceAndAgainDoesNothing()
    {
        var connection = await server.CreateDatabaseAsync();
        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => PostgresSweepStore.MigrateAsync(connection, Token), Token)));
        Assert.Equal(4, Assert.Single(applied, count => count > 0));
        Assert.Equal(0, await PostgresSweepStore.MigrateAsync(connection, Token));
        await using var home = new PostgresHome(server, connection);
        Assert.Equal(1L, await home.ExecuteAsync("SELECT count(*) FROM schema_info"));
        Assert.Empty(await (await home.OpenAsync()).ListSweepsAsync(Token));
    }

    [Fact]
    public async Task Open_DatabaseWithoutASchema_NamesTheCommand()
    {
        var connection = await server.CreateDatabaseAsync();
        var refused = await Assert.ThrowsAsync<IncompatibleStoreException>(() => PostgresSweepStore.OpenAsync(connection, Token));
        Assert.Contains("found no schema of Sweep", refused.Message, StringComparison.Ordinal);
        Assert.Contains("sweep migrate --store postgres", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_NoSuchDatabase_SaysSo()
    {
        var settings = new Npgsql.NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()) { Database = "nowhere" };
        var refused = await Assert.ThrowsAsync<IncompatibleStoreException>(() => PostgresSweepStore.OpenAsync(settings.ConnectionString, Token));
        Assert.Contains("/nowhere: found no database", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_LaterSchemaThatIsCompatible_Works()
    {
        await using var home = new PostgresHome(server);
        await home.ExecuteAsync("""
            UPDATE schema_info SET version = 99, oldest_compatible = 2;
            INSERT INTO "__EFMigrationsHistory" VALUES ('99990101000000_Later', '99');
            ALTER TABLE item_results ADD COLUMN added_later text;
            ALTER TABLE batches ADD COLUMN added_later int NOT NULL DEFAULT 7
            """);
        Assert.Equal(0, await PostgresSweepStore.MigrateAsync(await home.ConnectionStringAsync(), Token));
        var store = await home.OpenAsync();
        await Rows.PrepareAsync(store, Token);
        var lease = (await store.TryGrantAsync(Rows.Batch.Id, 0, "w", 30, Token))!;
        Assert.Equal(2, (await store.RecordAsync(lease, Rows.Micro(Rows.Result(0, 0), Rows.Result(1, 2)), Token)).Accepted);
        Assert.True(await store.EndLeaseAsync(lease, BatchStatus.Completed, null, Token));
        Assert.Equal(2, await store.ReadItemResultsAsync([.. Rows.Jobs.Select(job => job.Id)], Rows.Batch.ItemIds, Token).CountAsync(Token));
    }

    [Fact]
    public async Task Open_LaterSchemaThatIsNotCompatible_AsksForANewerSweep()
    {
        await using var home = new PostgresHome(server);
        await home.ExecuteAsync("UPDATE schema_info SET version = 99, oldest_compatible = 98");
        var refused = await Assert.ThrowsAsync<IncompatibleStoreException>(() => home.OpenAsync());
        Assert.Contains("found schema 99, which needs a Sweep of schema 98 or later; this one has 4", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IncompatibleStoreException>(async () => await PostgresSweepStore.MigrateAsync(await home.ConnectionStringAsync(), Token));
    }

    [Fact]
    public async Task Open_EarlierSchema_NamesTheCommand()
    {
        await using var home = new PostgresHome(server);
        await home.ExecuteAsync("UPDATE schema_info SET version = 1, oldest_compatible = 1");
        var refused = await Assert.ThrowsAsync<IncompatibleStoreException>(() => home.OpenAsync());
        Assert.Contains("found schema 1, expected 4 or a later compatible one. Run 'sweep migrate --store postgres'", refused.Message, StringComparison.Ordinal);
    }
}
