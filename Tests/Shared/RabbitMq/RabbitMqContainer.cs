using System.Globalization;
using Sweep.Hosting.Messaging.Local;
using Sweep.Tests.Servers;

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
        if (!await Docker.AnswersAsync(cancellationToken))
            return null;
        var port = Docker.FreePort();
        if (await Docker.RunAsync(["run", "-d", "-p", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}:5672"), Image], cancellationToken) is not { } id)
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

    public async Task KillAsync() => await Docker.RunAsync(["kill", _id], CancellationToken.None);

    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        await Docker.RunAsync(["start", _id], cancellationToken);
        await WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync() => await Docker.RunAsync(["rm", "-f", "-v", _id], CancellationToken.None);

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(120));
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await LocalRabbitMq.AnswersAsync(Port, limit.Token))
            await interval.WaitForNextTickAsync(limit.Token);
    }
}
