using System.Globalization;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;

namespace Sweep.Hosting.Messaging.Outbox;

/// <summary>
/// Sends what waits in the outbox. Every silo runs one: the store gives each event to one of them at a time, and what is sent twice after a kill carries the same message id. While the
/// broker is away nothing is taken, so nothing's turn is used up.
/// </summary>
internal sealed partial class OutboxRelay(ISweepStore store, IBusControl bus, IOptions<MessagingOptions> options, TimeProvider time, ILogger<OutboxRelay> logger) : BackgroundService
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TrimPeriod = TimeSpan.FromHours(1);
    private readonly MessagingOptions _options = options.Value;
    private bool _isAway;
    private long? _trimmedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var poll = TimeSpan.FromSeconds(_options.OutboxPollSeconds);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await TrimInboxAsync(stoppingToken);
                if (IsBrokerThere() && await RelayAsync(stoppingToken) == _options.OutboxBatch)
                    continue;
            }
            catch (StoreUnavailableException exception)
            {
                LogStoreAway(exception.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(poll, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool IsBrokerThere()
    {
        var isAway = bus.CheckHealth().Status == BusHealthStatus.Unhealthy;
        if (isAway != _isAway)
        {
            if (isAway)
                LogBrokerAway();
            else
                LogBrokerBack();
        }

        return !(_isAway = isAway);
    }

    /// <summary>How many were taken.</summary>
    private async Task<int> RelayAsync(CancellationToken cancellationToken)
    {
        var timeout = TimeSpan.FromSeconds(_options.PublishTimeoutSeconds);
        var messages = await store.ReadOutboxAsync(_options.OutboxBatch, 3 * timeout, cancellationToken);
        if (messages.Count == 0)
            return 0;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        var failures = await Task.WhenAll(messages.Select(message => SendAsync(message, patience.Token)));
        var sent = messages.Where((_, index) => failures[index] is null).Select(message => message.Id).ToList();
        if (sent.Count > 0)
            await store.DeleteOutboxAsync(sent, CancellationToken.None);
        for (var index = 0; index < messages.Count; index++)
        {
            if (failures[index] is not { } failure)
                continue;
            LogNotSent(messages[index].Event.Kind, messages[index].Event.MessageId, failure);
            await store.PostponeOutboxAsync(messages[index].Id, failure, Pause(messages[index].Attempts), CancellationToken.None);
        }

        return messages.Count;
    }

    /// <summary>Null: the broker has it. Else why not.</summary>
    private async Task<string?> SendAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var (id, kind, payload) = message.Event;
        if (MessageNames.TypeOf(kind) is not { } type)
            return $"this version knows no event '{kind}'; a silo of a newer version sends it";
        try
        {
            var typed = JsonSerializer.Deserialize(payload, type, MessageJson.Options)!;
            var stored = JsonSerializer.Deserialize<JsonElement>(payload);
            await bus.Publish(
                typed,
                type,
                Pipe.Execute<PublishContext>(context =>
                {
                    context.MessageId = Guid.Parse(id, CultureInfo.InvariantCulture);
                    context.Serializer = new StoredEventSerializer(stored);
                }),
                cancellationToken);
            return null;
        }
        catch (OperationCanceledException)
        {
            return $"the broker did not confirm it within {_options.PublishTimeoutSeconds.ToString(CultureInfo.InvariantCulture)} s";
        }
        catch (Exception exception)
        {
            return exception.Message;
        }
    }

    private static TimeSpan Pause(int attempts) => TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, Math.Min(attempts, 10))));

    private async Task TrimInboxAsync(CancellationToken cancellationToken)
    {
        if (_trimmedAt is { } last && time.GetElapsedTime(last) < TrimPeriod)
            return;
        await store.TrimInboxAsync(TimeSpan.FromDays(_options.InboxDays), cancellationToken);
        _trimmedAt = time.GetTimestamp();
    }
}
