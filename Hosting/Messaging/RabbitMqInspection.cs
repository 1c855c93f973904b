using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Messages;

namespace Sweep.Hosting.Messaging;

/// <summary>
/// Asks a RabbitMQ broker how many messages wait in the queues of commands: by passive declaration over AMQP, which changes nothing, needs no management plugin and no right beyond those of taking
/// commands. The connection is made when somebody first asks, and made anew after it broke.
/// </summary>
internal sealed class RabbitMqInspection(IOptions<MessagingOptions> options) : IBrokerInspection, IAsyncDisposable
{
    private static readonly string[] Names =
    [
        EntityNames.Queue<SubmitSweep>(), EntityNames.Queue<RunExperiment>(), EntityNames.Queue<PauseSweep>(), EntityNames.Queue<ResumeSweep>(), EntityNames.Queue<CancelSweep>(),
        EntityNames.Queue<GetSweepStatus>(),
    ];

    private IConnection? _connection;

    public async Task<BrokerQueues> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_connection is not { IsOpen: true } connection)
            {
                await DropAsync();
                _connection = connection = await Factory().CreateConnectionAsync(cancellationToken);
            }

            var queues = new List<BrokerQueue>();
            foreach (var name in Names)
            {
                var own = await DeclareAsync(connection, name, cancellationToken);
                var errors = await DeclareAsync(connection, $"{name}_error", cancellationToken);
                queues.Add(new BrokerQueue { Name = name, Waiting = own?.MessageCount ?? 0, Consumers = own?.ConsumerCount ?? 0, Failed = errors?.MessageCount ?? 0 });
            }

            return new BrokerQueues { Transport = MessagingOptions.RabbitMq, Queues = queues };
        }
        catch (Exception exception) when (exception is RabbitMQClientException or IOException or OperationCanceledException or TimeoutException or ObjectDisposedException)
        {
            await DropAsync();
            return new BrokerQueues { Transport = MessagingOptions.RabbitMq, Problem = $"the broker at {options.Value.Place} did not answer: {exception.Message}" };
        }
    }

    public ValueTask DisposeAsync() => DropAsync();

    /// <summary>Null: there is no such queue, which closes the channel that asked.</summary>
    private static async Task<QueueDeclareOk?> DeclareAsync(IConnection connection, string name, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            return await channel.QueueDeclarePassiveAsync(name, cancellationToken);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
    }

    private ConnectionFactory Factory()
    {
        var broker = options.Value;
        var factory = new ConnectionFactory
        {
            HostName = broker.Host,
            Port = broker.EffectivePort,
            VirtualHost = broker.VirtualHost,
            UserName = broker.Username,
            Password = broker.EffectivePassword,
            ClientProvidedName = $"sweep queue lengths {Environment.MachineName} {Environment.ProcessId}",
            AutomaticRecoveryEnabled = false,
        };
        if (!broker.Tls)
            return factory;
        factory.Ssl.Enabled = true;
        factory.Ssl.ServerName = broker.TlsServerName ?? broker.Host;
        if (broker.TlsAuthority is { } authority)
            factory.Ssl.CertificateValidationCallback = RabbitMqHost.TrustOnly(authority);
        return factory;
    }

    private async ValueTask DropAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is { } connection)
            await connection.DisposeAsync();
    }
}
