namespace Sweep.Contracts.Store;

/// <summary>
/// The store's side of messaging: messages handled (inbox) and events still to be sent (outbox). Events come into the outbox in the transactions that change the state they
/// tell of, when the store was opened with <see cref="ISweepEvents"/>; a relay takes them from there, at least once each.
/// </summary>
public interface IOutboxStore
{
    /// <summary>
    /// Notes a message as handled that changes no state here, with the events that answer it; false, and nothing is written, where it was handled before.
    /// </summary>
    Task<bool> TryHandleAsync(InboxMessage message, IReadOnlyList<OutboxEvent> answers, CancellationToken cancellationToken);

    /// <summary>
    /// Takes at most <paramref name="max"/> events that are due, oldest first, and hides them from every other reader for as long as <paramref name="claim"/>: a relay that is
    /// killed leaves them to the next.
    /// </summary>
    Task<IReadOnlyList<OutboxMessage>> ReadOutboxAsync(int max, TimeSpan claim, CancellationToken cancellationToken);

    /// <summary>These were sent.</summary>
    Task DeleteOutboxAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken);

    /// <summary>This one could not be sent: it is due again after the delay.</summary>
    Task PostponeOutboxAsync(long id, string error, TimeSpan delay, CancellationToken cancellationToken);

    /// <summary>How much waits to be sent, and for how long the oldest has.</summary>
    Task<OutboxBacklog> ReadOutboxBacklogAsync(CancellationToken cancellationToken);

    /// <summary>Forgets messages handled longer ago than this; the number forgotten.</summary>
    Task<int> TrimInboxAsync(TimeSpan olderThan, CancellationToken cancellationToken);
}

/// <summary>One delivery to one consumer: it is handled once.</summary>
/// <param name="MessageId">As the broker carries it.</param>
/// <param name="Consumer">The consumer's name.</param>
public sealed record InboxMessage(string MessageId, string Consumer);

/// <summary>An event to be sent.</summary>
/// <param name="MessageId">A UUID, given when the event is made: however often it is sent, receivers know it by this.</param>
/// <param name="Kind">The event's name.</param>
/// <param name="Payload">JSON.</param>
public sealed record OutboxEvent(string MessageId, string Kind, string Payload);

/// <summary>An event that waits in the outbox.</summary>
public sealed record OutboxMessage
{
    public required long Id { get; init; }

    public required OutboxEvent Event { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Times that it was taken before.</summary>
    public required int Attempts { get; init; }

    /// <summary>Why it could not be sent last time.</summary>
    public string? LastError { get; init; }
}

/// <summary>What waits in the outbox.</summary>
public sealed record OutboxBacklog
{
    public required int Count { get; init; }

    /// <summary>Null: nothing waits.</summary>
    public TimeSpan? OldestAge { get; init; }
}
