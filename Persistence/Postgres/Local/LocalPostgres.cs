using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Npgsql;

namespace Sweep.Persistence.Postgres.Local;

/// <summary>
/// A PostgreSQL server of one's own on this machine, on a free loopback port: for tests, harnesses and game days. It trusts every local connection and ends with its owner.
/// </summary>
public sealed partial class LocalPostgres : IAsyncDisposable
{
    private const string Superuser = "app";
    private const int FastShutdown = 2; // SIGINT
    private const int NoShutdown = 9; // SIGKILL
    private readonly LocalPostgresOptions _options;
    private readonly PostgresBinaries _binaries;
    private readonly string _folder;
    private readonly Queue<string> _log = new();
    private Process? _server;

    private LocalPostgres(LocalPostgresOptions options, PostgresBinaries binaries, string folder, int port)
    {
        _options = options;
        _binaries = binaries;
        _folder = folder;
        Port = port;
    }

    /// <summary>The programs are on this machine.</summary>
    public static bool IsInstalled => PostgresBinaries.Find() is not null;

    public int Port { get; }

    /// <summary>Where its data lies.</summary>
    public string Folder => _folder;

    /// <summary>The server's process, while it runs.</summary>
    public int ProcessId => _server?.Id ?? throw new InvalidOperationException("the server does not run");

    /// <summary>How the server runs, for reports.</summary>
    public string Description =>
        $"{_binaries.Version}, fsync {OnOff(_options.Durable)}, synchronous_commit on, full_page_writes {OnOff(_options.Durable)}, on {_folder}";

    /// <summary>Makes a data folder, where there is none yet, and starts a server on it.</summary>
    /// <exception cref="LocalPostgresException">There are no server programs, or the server does not start; the message says which.</exception>
    public static async Task<LocalPostgres> StartAsync(LocalPostgresOptions options, CancellationToken cancellationToken)
    {
        var binaries = PostgresBinaries.Find() ?? throw new LocalPostgresException(PostgresBinaries.Missing);
        var folder = options.Folder ?? Directory.CreateTempSubdirectory("sweep-postgres-").FullName;
        Directory.CreateDirectory(folder);
        var server = new LocalPostgres(options, binaries, folder, FreePort());
        try
        {
            await binaries.PrepareFolderAsync(folder, cancellationToken);
            if (!server.HasData)
                await binaries.RunAsync("initdb", ["-D", server.Data, "-U", Superuser, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"], folder, cancellationToken);
            await server.StartAgainAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public string ConnectionString(string database = "postgres") =>
        new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = Port, Username = Superuser, Database = database }.ConnectionString;

    /// <summary>Makes an empty database; its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string name, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString());
        await using var command = source.CreateCommand($"CREATE DATABASE \"{name}\"");
        await command.ExecuteNonQueryAsync(cancellationToken);
        return ConnectionString(name);
    }

    /// <summary>Starts the server on the same data and the same port after it was stopped or killed; returns when it accepts connections.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        if (_server is { HasExited: false })
            throw new InvalidOperationException("the server runs");
        // A killed server's sessions notice a little later that it is gone, and the next one refuses to start beside them.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await TryStartAsync(patience.Token))
            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
    }

    /// <summary>Ends the server as an administrator would: connections are cut, data is complete.</summary>
    public Task StopAsync() => EndAsync(FastShutdown);

    /// <summary>Kills the server: what it has not written is recovered at the next start.</summary>
    public Task KillAsync() => EndAsync(NoShutdown);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await EndAsync(FastShutdown);
        if (_options.Folder is null && Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private string Data => Path.Combine(_folder, "data");

    private bool HasData => File.Exists(Path.Combine(Data, "PG_VERSION"));

    private IEnumerable<string> Settings()
    {
        yield return "listen_addresses=127.0.0.1";
        yield return "unix_socket_directories=";
        yield return "lc_messages=C";
        yield return $"max_connections={_options.MaxConnections.ToString(CultureInfo.InvariantCulture)}";
        // Without fsync a commit costs nothing and still survives the server's own end, though not the machine's.
        yield return "synchronous_commit=on";
        foreach (var setting in new[] { "fsync", "full_page_writes" })
            yield return $"{setting}={OnOff(_options.Durable)}";
        foreach (var setting in _options.Settings)
            yield return setting;
    }

    /// <summary>False: sessions of the server before are still there.</summary>
    private async Task<bool> TryStartAsync(CancellationToken cancellationToken)
    {
        var ready = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = _binaries.Command("postgres", ["-D", Data, "-p", Port.ToString(CultureInfo.InvariantCulture), .. Settings().SelectMany(setting => new[] { "-c", setting })], _folder);
        server.EnableRaisingEvents = true;
        server.ErrorDataReceived += (_, line) => Read(line.Data, ready);
        server.Exited += (_, _) => ready.TrySetException(new LocalPostgresException($"PostgreSQL: the server ended at its start: {Tail()}"));
        server.Start();
        _server = server;
        server.BeginErrorReadLine();
        return await ready.Task.WaitAsync(cancellationToken);
    }

    private async Task EndAsync(int signal)
    {
        if (_server is not { } server)
            return;
        if (!server.HasExited)
            _ = Kill(server.Id, signal);
        await server.WaitForExitAsync();
        server.Dispose();
        _server = null;
    }

    private void Read(string? line, TaskCompletionSource<bool> ready)
    {
        if (line is null)
            return;
        lock (_log)
        {
            _log.Enqueue(line);
            if (_log.Count > 20)
                _log.Dequeue();
        }

        if (line.Contains("database system is ready to accept connections", StringComparison.Ordinal))
            ready.TrySetResult(true);
        else if (line.Contains("pre-existing shared memory block", StringComparison.Ordinal))
            ready.TrySetResult(false);
    }

    private string Tail()
    {
        lock (_log)
            return string.Join(" | ", _log.TakeLast(5));
    }

    private static string OnOff(bool value) => value ? "on" : "off";

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}

/// <summary>How an own server runs.</summary>
public sealed record LocalPostgresOptions
{
    /// <summary>Where its data lies and stays; a server's data that is there is used again. Default: a folder in the temporary folder that is deleted at the end.</summary>
    public string? Folder { get; init; }

    /// <summary>fsync and full_page_writes: on for measurements, off for tests. Default: false.</summary>
    public bool Durable { get; init; }

    /// <summary>Default: 200.</summary>
    public int MaxConnections { get; init; } = 200;

    /// <summary>Further settings, "name=value". Default: none.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];
}

/// <summary>A server of one's own that cannot be had.</summary>
public sealed class LocalPostgresException(string message) : Exception(message);
