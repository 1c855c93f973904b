using Npgsql;
using Sweep.Contracts.Store;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Postgres.Local;
using Sweep.Persistence.Tests.Stores;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Persistence.Tests.Postgres;

public sealed class PostgresFailureTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_AfterEveryConnectionWasCut_Works()
    {
        await using var home = new PostgresHome(server);
        var store = await home.OpenAsync();
        await Rows.PrepareAsync(store, Token);
        var lease = (await store.TryGrantAsync(Rows.Batch.Id, 0, "w", 30, Token))!;
        for (var cut = 0; cut < 3; cut++)
        {
            await home.ExecuteAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            Assert.Equal(1, (await store.RecordAsync(lease, Rows.Micro(Rows.Result(0, cut)), Token)).Accepted);
        }
    }

    [Fact]
    public async Task Record_WhileItsRightIsRevoked_IsUnavailableAndWorksWhenItIsGranted()
    {
        await using var home = new PostgresHome(server);
        var administration = await home.OpenAsync();
        await Rows.PrepareAsync(administration, Token);
        var role = $"worker_{Guid.NewGuid():N}";
        await home.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}");
        var settings = new NpgsqlConnectionStringBuilder(await home.ConnectionStringAsync()) { Username = role, Password = "x" };
        try
        {
            var store = await PostgresSweepStore.OpenAsync(settings.ConnectionString, Token);
            await using var closing = (IAsyncDisposable)store;
            var lease = (await store.TryGrantAsync(Rows.Batch.Id, 0, "w", 30, Token))!;
            await home.ExecuteAsync($"REVOKE INSERT ON item_results FROM {role}");
            var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.RecordAsync(lease, Rows.Micro(Rows.Result(0, 0)), Token));
            Assert.Contains("42501 permission denied for table item_results", refused.Message, StringComparison.Ordinal);
            Assert.Equal(0, (await store.ReadCostAsync(Rows.SweepId, Token)).Rows);
            await home.ExecuteAsync($"GRANT INSERT ON item_results TO {role}");
            Assert.Equal(1, (await store.RecordAsync(lease, Rows.Micro(Rows.Result(0, 0)), Token)).Accepted);
        }
        finally
        {
            await home.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task Call_WhileTheServerIsAway_IsUnavailableAndWorksWhenItIsBack()
    {
        LocalPostgres local;
        try
        {
            local = await LocalPostgres.StartAsync(new LocalPostgresOptions(), Token);
        }
        catch (LocalPostgresException exception)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", exception.Message);
            throw;
        }

        await using var server = local;
        var connection = await local.CreateDatabaseAsync("store", Token);
        await PostgresSweepStore.MigrateAsync(connection, Token);
        var store = await PostgresSweepStore.OpenAsync(connection, Token);
        await using var closing = (IAsyncDisposable)store;
        await Rows.PrepareAsync(store, Token);
        await local.StopAsync();
        var away = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.TryGrantAsync(Rows.Batch.Id, 0, "w", 30, Token));
        Assert.Contains($"127.0.0.1:{local.Port}/store did not answer", away.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.FindSweepAsync(Rows.SweepId, Token));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => PostgresSweepStore.OpenAsync(connection, Token));
        await local.StartAgainAsync(Token);
        Assert.Equal(1, (await store.TryGrantAsync(Rows.Batch.Id, 0, "w", 30, Token))!.Token);
        await local.KillAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.FindSweepAsync(Rows.SweepId, Token));
        await local.StartAgainAsync(Token);
        Assert.Equal(2, (await store.TryGrantAsync(Rows.Batch.Id, 1, "w", 30, Token))!.Token);
    }

    [Fact]
    public async Task Open_HostThatDoesNotExist_IsUnavailable() =>
        await Assert.ThrowsAsync<StoreUnavailableException>(() => PostgresSweepStore.OpenAsync("Host=no.such.host.invalid;Database=sweep;Username=u", Token));
}
