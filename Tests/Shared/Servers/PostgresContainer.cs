using Npgsql;

namespace Sweep.Tests.Servers;

/// <summary>A PostgreSQL server in a container that ends with the tests; its port stays the same when it is started again.</summary>
internal sealed class PostgresContainer : IAsyncDisposable
{
    private const string Image = "postgres:17";
    private readonly string _id;

    private PostgresContainer(string id, string connectionString)
    {
        _id = id;
        ConnectionString = connectionString;
    }

    public string ConnectionString { get; }

    /// <summary>Null where no Docker engine answers.</summary>
    public static async Task<PostgresContainer?> TryStartAsync(CancellationToken cancellationToken)
    {
        if (!await Docker.AnswersAsync(cancellationToken))
            return null;
        var port = Docker.FreePort();
        string[] run = ["run", "-d", "-p", $"127.0.0.1:{port}:5432", "-e", "POSTGRES_USER=app", "-e", "POSTGRES_HOST_AUTH_METHOD=trust", Image, "-c", "fsync=off", "-c", "max_connections=200"];
        if (await Docker.RunAsync(run, cancellationToken) is not { } id)
            return null;
        var container = new PostgresContainer(id, $"Host=127.0.0.1;Port={port};Username=app;Database=postgres");
        try
        {
            await container.WaitAsync(cancellationToken);
            return container;
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    public async Task StopAsync() => await Docker.RunAsync(["stop", _id], CancellationToken.None);

    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        await Docker.RunAsync(["start", _id], cancellationToken);
        await WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync() => await Docker.RunAsync(["rm", "-f", "-v", _id], CancellationToken.None);

    /// <summary>The image starts its server twice; the second one listens on the port.</summary>
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await interval.WaitForNextTickAsync(limit.Token))
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString);
                await connection.OpenAsync(limit.Token);
                return;
            }
            catch (NpgsqlException)
            {
            }
        }
    }
}
