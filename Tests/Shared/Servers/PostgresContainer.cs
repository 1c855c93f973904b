using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
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
        if (await DockerAsync(["version", "--format", "{{.Server.Version}}"], cancellationToken) is null)
            return null;
        var port = FreePort();
        string[] run = ["run", "-d", "-p", $"127.0.0.1:{port}:5432", "-e", "POSTGRES_USER=app", "-e", "POSTGRES_HOST_AUTH_METHOD=trust", Image, "-c", "fsync=off", "-c", "max_connections=200"];
        if (await DockerAsync(run, cancellationToken) is not { } id)
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

    public async Task StopAsync() => await DockerAsync(["stop", _id], CancellationToken.None);

    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        await DockerAsync(["start", _id], cancellationToken);
        await WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync() => await DockerAsync(["rm", "-f", "-v", _id], CancellationToken.None);

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

    /// <summary>What docker printed, or null where it is missing or refuses.</summary>
    private static async Task<string?> DockerAsync(string[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("docker", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await error;
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? output.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
