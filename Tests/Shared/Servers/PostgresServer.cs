using Npgsql;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Postgres.Local;
using Xunit;

namespace Sweep.Tests.Servers;

/// <summary>
/// One PostgreSQL server for all tests of an assembly (<c>[assembly: AssemblyFixture(typeof(PostgresServer))]</c>), started when the first one asks: $SWEEP_TEST_POSTGRES, else a
/// container where Docker answers, else this machine's own programs. Without any of them a test is skipped, and fails where CI=true.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly List<string> _databases = [];
    private string? _administration;
    private string? _template;
    private string? _missing;
    private LocalPostgres? _local;
    private PostgresContainer? _container;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>A new, empty database; its connection string.</summary>
    /// <param name="options">What follows CREATE DATABASE and the name.</param>
    public async Task<string> CreateDatabaseAsync(string options = "")
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        return await CreateDatabaseAsync(await StartAsync(cancellationToken), options, cancellationToken);
    }

    /// <summary>A new database with the schema of this version; its connection string.</summary>
    public async Task<string> CreateStoreAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await StartAsync(cancellationToken);
        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (_template is null)
            {
                var made = new NpgsqlConnectionStringBuilder(await CreateDatabaseAsync(_administration!, "", cancellationToken));
                await PostgresSweepStore.MigrateAsync(made.ConnectionString, cancellationToken);
                _template = made.Database;
            }
        }
        finally
        {
            _starting.Release();
        }

        return await CreateDatabaseAsync(_administration!, $"TEMPLATE {_template}", cancellationToken);
    }

    /// <summary>Ends the server as an administrator would: connections are cut, data and address stay.</summary>
    public async Task StopAsync()
    {
        await StartAsync(TestContext.Current.CancellationToken);
        NpgsqlConnection.ClearAllPools();
        if (_local is not null)
            await _local.StopAsync();
        else if (_container is not null)
            await _container.StopAsync();
        else
            Assert.Skip("SWEEP_TEST_POSTGRES names a server that is not the test's to stop");
    }

    public Task StartAgainAsync(CancellationToken cancellationToken) =>
        _local?.StartAgainAsync(cancellationToken) ?? _container?.StartAgainAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_local is not null)
            await _local.DisposeAsync();
        else if (_container is not null)
            await _container.DisposeAsync();
        else if (_administration is not null)
        {
            // A server that others use: nothing of these tests stays there.
            foreach (var name in _databases)
                await ExecuteAsync(_administration, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)", CancellationToken.None);
        }

        _starting.Dispose();
    }

    private async Task<string> CreateDatabaseAsync(string administration, string options, CancellationToken cancellationToken)
    {
        var name = $"sweep_{Guid.NewGuid():N}";
        await ExecuteAsync(administration, $"CREATE DATABASE {name} {options}", cancellationToken);
        lock (_databases)
            _databases.Add(name);
        return new NpgsqlConnectionStringBuilder(administration) { Database = name }.ConnectionString;
    }

    private async Task<string> StartAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (_administration is null && _missing is null)
                await FindAsync(cancellationToken);
        }
        finally
        {
            _starting.Release();
        }

        if (_administration is not null)
            return _administration;
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(_missing!);
        Assert.Skip(_missing!);
        throw new InvalidOperationException("unreachable");
    }

    private async Task FindAsync(CancellationToken cancellationToken)
    {
        var output = TestContext.Current.TestOutputHelper;
        if (Environment.GetEnvironmentVariable("SWEEP_TEST_POSTGRES") is { Length: > 0 } given)
        {
            _administration = given;
            output?.WriteLine("PostgreSQL: $SWEEP_TEST_POSTGRES");
        }
        else if ((_container = await PostgresContainer.TryStartAsync(cancellationToken)) is not null)
        {
            _administration = _container.ConnectionString;
            output?.WriteLine("PostgreSQL: a container");
        }
        else
        {
            try
            {
                _local = await LocalPostgres.StartAsync(new LocalPostgresOptions(), cancellationToken);
                _administration = _local.ConnectionString();
                output?.WriteLine($"PostgreSQL: {_local.Description}");
            }
            catch (LocalPostgresException exception)
            {
                _missing = $"{exception.Message}; or set SWEEP_TEST_POSTGRES, or start Docker";
            }
        }
    }

    private static async Task ExecuteAsync(string connectionString, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
