using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Sweep.Contracts.Messages;
using Xunit;

namespace Sweep.Messaging.Tests.Broker;

/// <summary>A client that knows nothing of MassTransit: it publishes bytes and sees every event that the broker passes on.</summary>
internal sealed class Amqp : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly ConcurrentQueue<(string Kind, string MessageId, JsonElement Message)> _events = new();
    private readonly SemaphoreSlim _arrived = new(0);

    private Amqp(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    /// <summary>Everything that arrived so far: kind, message id, message.</summary>
    public IReadOnlyList<(string Kind, string MessageId, JsonElement Message)> Events => [.. _events];

    /// <summary>Connects; the exchanges must be there.</summary>
    public static async Task<Amqp> ConnectAsync(Uri address)
    {
        var connection = await new ConnectionFactory { Uri = address, AutomaticRecoveryEnabled = false }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), TestContext.Current.CancellationToken);
        return new Amqp(connection, channel);
    }

    /// <summary>A queue of its own, bound to these exchanges.</summary>
    public async Task<string> QueueAsync(params string[] exchanges)
    {
        var queue = (await _channel.QueueDeclareAsync()).QueueName;
        foreach (var exchange in exchanges)
        {
            await _channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
            await _channel.QueueBindAsync(queue, exchange, "");
        }

        return queue;
    }

    /// <summary>Begins to hear these events.</summary>
    public async Task ListenAsync(params Type[] messages)
    {
        var queue = await QueueAsync([.. messages.Select(message => $"sweep.messages.{MessageNames.Of(message)}")]);
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            var envelope = JsonSerializer.Deserialize<JsonElement>(delivery.Body.Span);
            _events.Enqueue((delivery.Exchange["sweep.messages.".Length..], delivery.BasicProperties.MessageId ?? "", envelope.GetProperty("message")));
            _arrived.Release();
            return Task.CompletedTask;
        };
        await _channel.BasicConsumeAsync(queue, autoAck: true, consumer);
    }

    /// <summary>Deletes what a test before this one left.</summary>
    public async Task ForgetQueuesAsync()
    {
        foreach (var command in new[] { typeof(SubmitSweep), typeof(RunExperiment), typeof(CancelSweep), typeof(PauseSweep), typeof(ResumeSweep), typeof(GetSweepStatus) })
        {
            await _channel.QueueDeleteAsync($"sweep.{MessageNames.Of(command)}");
            await _channel.QueueDeleteAsync($"sweep.{MessageNames.Of(command)}_error");
        }
    }

    /// <summary>The first event of this kind about this sweep.</summary>
    public Task<JsonElement> HearAsync<T>(string sweepId) => HearAsync<T>(message => IsOf(message, sweepId));

    /// <summary>What was heard of this kind about this sweep so far.</summary>
    public IReadOnlyList<JsonElement> Heard<T>(string sweepId) => [.. _events.Where(heard => heard.Kind == MessageNames.Of<T>() && IsOf(heard.Message, sweepId)).Select(heard => heard.Message)];

    /// <summary>Waits for the first event of this kind that fits.</summary>
    public async Task<JsonElement> HearAsync<T>(Func<JsonElement, bool> fits) => (await HearAsync<T>(fits, 1))[0];

    /// <summary>Waits until there are so many events of this kind about this sweep; returns all that are there then.</summary>
    public Task<IReadOnlyList<JsonElement>> HearAsync<T>(string sweepId, int count) => HearAsync<T>(message => IsOf(message, sweepId), count);

    /// <summary>Puts bare bytes into a queue, as a client would that knows its name only.</summary>
    public ValueTask PublishAsync(string queue, string body, string? messageId = null, string? contentType = "application/json", string? replyTo = null, string? correlationId = null)
    {
        var properties = new BasicProperties { Persistent = true, MessageId = messageId, ContentType = contentType, ReplyTo = replyTo, CorrelationId = correlationId };
        return _channel.BasicPublishAsync("", queue, mandatory: true, properties, Encoding.UTF8.GetBytes(body), TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for a message in a command's error queue, which the first one makes, and takes it.</summary>
    public async Task<(IReadOnlyBasicProperties Properties, string Body)> TakeErrorAsync(string queue)
    {
        await _channel.QueueDeclareAsync($"{queue}_error", durable: true, exclusive: false, autoDelete: false);
        return await TakeAsync($"{queue}_error");
    }

    /// <summary>Waits for a message in a queue and takes it.</summary>
    public async Task<(IReadOnlyBasicProperties Properties, string Body)> TakeAsync(string queue)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await interval.WaitForNextTickAsync(patience.Token))
        {
            if (await _channel.BasicGetAsync(queue, autoAck: true, patience.Token) is { } message)
                return (message.BasicProperties, Encoding.UTF8.GetString(message.Body.Span));
        }

        throw new TimeoutException($"{queue} stayed empty");
    }

    private async Task<IReadOnlyList<JsonElement>> HearAsync<T>(Func<JsonElement, bool> fits, int count)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (true)
        {
            List<JsonElement> found = [.. _events.Where(heard => heard.Kind == MessageNames.Of<T>() && fits(heard.Message)).Select(heard => heard.Message)];
            if (found.Count >= count)
                return found;

            try
            {
                await _arrived.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"waited {Patience.TotalSeconds} s for {count} {MessageNames.Of<T>()}; heard {string.Join(", ", _events.Select(heard => $"{heard.Kind} {heard.Message}"))}");
            }
        }
    }

    private static bool IsOf(JsonElement message, string sweepId) => message.TryGetProperty("sweep_id", out var id) && id.GetString() == sweepId;

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        _arrived.Dispose();
    }
}
