using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sweep.Hosting.Messaging.Local;

/// <summary>
/// A RabbitMQ of one's own on this machine, on free loopback ports: for tests, harnesses and game days. It ends with its owner and leaves nothing behind: Erlang's port mapper, which a
/// broker would start as a daemon, is a child too, and the broker's start script replaces itself by the broker, so that the child's id is the broker's.
/// </summary>
public sealed class LocalRabbitMq : IAsyncDisposable
{
    private const string Scripts = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private const string PortMapper = "epmd";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly LocalRabbitMqOptions _options;
    private readonly string _folder;
    private readonly int _distributionPort;
    private readonly int _portMapperPort;
    private Process? _portMapper;
    private Process? _server;

    private LocalRabbitMq(LocalRabbitMqOptions options)
    {
        _options = options;
        _folder = options.Folder ?? Directory.CreateTempSubdirectory("sweep-rabbitmq-").FullName;
        var ports = FreePorts(4);
        (Port, TlsPort, _distributionPort, _portMapperPort) = (ports[0], ports[1], ports[2], ports[3]);
    }

    /// <summary>The programs are on this machine.</summary>
    public static bool IsInstalled => File.Exists(Scripts);

    public int Port { get; }

    /// <summary>Listens only where certificates are given.</summary>
    public int TlsPort { get; }

    /// <summary>The broker's process, while it runs.</summary>
    public int ProcessId => _server?.Id ?? throw new InvalidOperationException("the broker does not run");

    /// <summary>Starts a broker; returns when it takes connections.</summary>
    /// <exception cref="LocalRabbitMqException">There are no programs of it, or it does not start; the message says which.</exception>
    public static async Task<LocalRabbitMq> StartAsync(LocalRabbitMqOptions options, CancellationToken cancellationToken)
    {
        if (!IsInstalled)
            throw new LocalRabbitMqException($"RabbitMQ: found no server programs, expected {Scripts} (Debian and Ubuntu: apt-get install rabbitmq-server)");
        var broker = new LocalRabbitMq(options);
        try
        {
            broker.WriteFiles();
            broker._portMapper = broker.Start(PortMapper, "-port", Text(broker._portMapperPort), "-address", "127.0.0.1");
            await broker.StartAgainAsync(cancellationToken);
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the broker on the same files and ports after it was killed; durable queues and persistent messages are still there.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        if (_server is { HasExited: false })
            throw new InvalidOperationException("the broker runs");
        var server = _server = Start(Scripts);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (!await AnswersAsync(Port, patience.Token))
            {
                if (server.HasExited)
                    throw new LocalRabbitMqException($"RabbitMQ: the broker ended at its start with {server.ExitCode}: {Log()}");
                await interval.WaitForNextTickAsync(patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LocalRabbitMqException($"RabbitMQ: the broker took no connection within {Patience.TotalSeconds} s: {Log()}");
        }
    }

    /// <summary>Kills the broker: nothing is flushed and nobody is told.</summary>
    public async Task KillAsync()
    {
        if (_server is not { } server)
            return;
        _server = null;
        await EndAsync(server);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_portMapper is { } mapper)
            await EndAsync(mapper);
        if (_options.Folder is null)
            Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A broker that is ready answers the protocol's header with its first frame.</summary>
    public static async Task<bool> AnswersAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            var stream = connection.GetStream();
            await stream.WriteAsync("AMQP\0\0\t\u0001"u8.ToArray(), cancellationToken);
            return await stream.ReadAsync(new byte[1], cancellationToken) == 1;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }

    private void WriteFiles()
    {
        foreach (var name in new[] { "mnesia", "log", "home" })
            Directory.CreateDirectory(At(name));
        File.WriteAllText(At("env.conf"), "");
        File.WriteAllText(At("enabled_plugins"), "[].");
        File.WriteAllText(At("rabbitmq.conf"), $"""
            listeners.tcp.1 = 127.0.0.1:{Text(Port)}
            loopback_users = none
            disk_free_limit.absolute = 50MB
            vm_memory_high_watermark.absolute = 512MB
            {(_options.Certificates is { } certificates ? TlsSettings(certificates) : "")}

            """);
    }

    private string TlsSettings(LocalRabbitMqCertificates certificates) => $"""
        listeners.ssl.1 = 127.0.0.1:{Text(TlsPort)}
        ssl_options.cacertfile = {certificates.Authority}
        ssl_options.certfile = {certificates.Certificate}
        ssl_options.keyfile = {certificates.Key}
        ssl_options.verify = verify_none
        """;

    private Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        foreach (var (name, value) in Variables())
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        // Its log files say the same; the pipes only must not fill up.
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private IEnumerable<(string Name, string Value)> Variables() =>
    [
        ("HOME", At("home")),
        ("RABBITMQ_NODENAME", "sweep@localhost"),
        ("RABBITMQ_MNESIA_BASE", At("mnesia")),
        ("RABBITMQ_LOG_BASE", At("log")),
        ("RABBITMQ_CONFIG_FILE", At("rabbitmq")),
        ("RABBITMQ_CONF_ENV_FILE", At("env.conf")),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", At("enabled_plugins")),
        ("RABBITMQ_PID_FILE", At("pid")),
        ("RABBITMQ_DIST_PORT", Text(_distributionPort)),
        ("ERL_EPMD_ADDRESS", "127.0.0.1"),
        ("ERL_EPMD_PORT", Text(_portMapperPort)),
        // The script then executes the broker in its own place instead of watching over it.
        ("RUNNING_UNDER_SYSTEMD", "true"),
    ];

    private static async Task EndAsync(Process process)
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private string At(string name) => Path.Combine(_folder, name);

    private string Log() => string.Join(" | ", Directory.GetFiles(At("log")).SelectMany(File.ReadLines).Where(line => line.Length > 0).TakeLast(8));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>All are held until all are known, so that they differ.</summary>
    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            foreach (var listener in listeners)
                listener.Start();
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners)
                listener.Dispose();
        }
    }
}
