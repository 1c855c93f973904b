using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sweep.Hosting.Messaging.Local;

namespace Sweep.Tests.RabbitMq;

/// <summary>A broker in a container that ends with the tests; its port stays the same when it is started again.</summary>
internal sealed class RabbitMqContainer : IAsyncDisposable
{
    private const string Image = "rabbitmq:3.13-alpine";
    private readonly string _id;

    private RabbitMqContainer(string id, int port) => (_id, Port) = (id, port);

    public int Port { get; }

    /// <summary>Null where no Docker engine answers.</summary>
    public static async Task<RabbitMqContainer?> TryStartAsync(CancellationToken cancellationToken)
    {
        if (await DockerAsync(["version", "--format", "{{.Server.Version}}"], cancellationToken) is null)
            return null;
        var port = FreePort();
        if (await DockerAsync(["run", "-d", "-p", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}:5672"), Image], cancellationToken) is not { } id)
            return null;
        var container = new RabbitMqContainer(id, port);
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

    public async Task KillAsync() => await DockerAsync(["kill", _id], CancellationToken.None);

    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        await DockerAsync(["start", _id], cancellationToken);
        await WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync() => await DockerAsync(["rm", "-f", "-v", _id], CancellationToken.None);

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(120));
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await LocalRabbitMq.AnswersAsync(Port, limit.Token))
            await interval.WaitForNextTickAsync(limit.Token);
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
