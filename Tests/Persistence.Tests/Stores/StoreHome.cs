using Sweep.Contracts.Store;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Sqlite;
using Sweep.Tests;
using Sweep.Tests.Servers;

namespace Sweep.Persistence.Tests.Stores;

/// <summary>A place for one test's store, on one of the databases.</summary>
public abstract class StoreHome : IAsyncDisposable
{
    private readonly List<ISweepStore> _opened = [];

    /// <summary>Opens the store, making it at the first call; a later one is another process's view of the same rows.</summary>
    public async Task<ISweepStore> OpenAsync(ISweepEvents? events = null, TimeProvider? time = null)
    {
        var store = await OpenCoreAsync(events, time);
        _opened.Add(store);
        return store;
    }

    /// <summary>Runs SQL behind the store's back; the first value of the first row.</summary>
    public abstract Task<object?> ExecuteAsync(string sql);

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _opened)
        {
            if (store is IAsyncDisposable disposable)
                await disposable.DisposeAsync();
        }

        await DisposeCoreAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract Task<ISweepStore> OpenCoreAsync(ISweepEvents? events, TimeProvider? time);

    protected abstract ValueTask DisposeCoreAsync();
}

public sealed class SqliteHome : StoreHome
{
    private readonly TemporaryFolder _folder = new();

    public string Path => System.IO.Path.Combine(_folder.Path, "sweep.db");

    public override async Task<object?> ExecuteAsync(string sql)
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }

    protected override Task<ISweepStore> OpenCoreAsync(ISweepEvents? events, TimeProvider? time) => SqliteSweepStore.OpenAsync(Path, CancellationToken.None, time, events);

    protected override ValueTask DisposeCoreAsync()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

public sealed class PostgresHome(PostgresServer server, string? connectionString = null) : StoreHome
{
    private Task<string>? _connectionString = connectionString is null ? null : Task.FromResult(connectionString);

    public Task<string> ConnectionStringAsync()
    {
        lock (server)
            return _connectionString ??= server.CreateStoreAsync();
    }

    public override async Task<object?> ExecuteAsync(string sql)
    {
        await using var connection = new Npgsql.NpgsqlConnection(await ConnectionStringAsync());
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    protected override async Task<ISweepStore> OpenCoreAsync(ISweepEvents? events, TimeProvider? time) =>
        await PostgresSweepStore.OpenAsync(await ConnectionStringAsync(), CancellationToken.None, time, events);

    protected override ValueTask DisposeCoreAsync() => ValueTask.CompletedTask;
}
