using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;
using Sweep.Hosting.Messaging;
using Sweep.Hosting.Messaging.Outbox;
using Sweep.Messaging.Tests.Broker;
using Sweep.Persistence.Sqlite;
using Sweep.Tests;
using Xunit;

namespace Sweep.Messaging.Tests.Outbox;

public sealed class OutboxRelayTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ISweepStore _store = null!;
    private StoreTap _tap = null!;

    public async ValueTask InitializeAsync() =>
        (_store, _tap) = StoreTap.To(await SqliteSweepStore.OpenAsync(Path.Combine(_folder.Path, "sweep.db"), TestContext.Current.CancellationToken));

    [Fact]
    public async Task TwoRelays_OnOneOutbox_SendEveryEventOnce()
    {
        const int Events = 200;
        var events = Enumerable.Range(0, Events).Select(index => SweepEvents.Of(Submitted($"sweep-{index}"))).ToList();
        await _store.TryHandleAsync(new InboxMessage("m", "c"), events, TestContext.Current.CancellationToken);
        await using var first = await MemoryBus.StartAsync();
        await using var second = await MemoryBus.StartAsync();
        using var relay = Relay(first, batch: 7);
        using var other = Relay(second, batch: 7);
        await relay.StartAsync(TestContext.Current.CancellationToken);
        await other.StartAsync(TestContext.Current.CancellationToken);

        await EmptyAsync();
        await relay.StopAsync(TestContext.Current.CancellationToken);
        await other.StopAsync(TestContext.Current.CancellationToken);

        var sent = new List<string>();
        while (sent.Count < Events)
        {
            var bus = first.Left > 0 ? first : second.Left > 0 ? second : null;
            if (bus is null)
                await Task.Yield();
            else
                sent.Add((await bus.NextAsync()).MessageId.ToString()!);
        }

        Assert.Equal(events.Select(message => message.MessageId).Order(StringComparer.Ordinal), sent.Order(StringComparer.Ordinal));
        Assert.Equal((0, 0), (first.Left, second.Left));
    }

    [Fact]
    public async Task Event_SentButNotDeleted_IsSentAgainUnderTheSameId()
    {
        var message = SweepEvents.Of(Submitted("twice"));
        await _store.TryHandleAsync(new InboxMessage("m", "c"), [message], TestContext.Current.CancellationToken);
        var deletions = 0;
        _tap.Failure = (method, _) => method == "DeleteOutboxAsync" && Interlocked.Increment(ref deletions) == 1 ? new StoreUnavailableException("away", new IOException()) : null;
        await using var bus = await MemoryBus.StartAsync();
        using var relay = Relay(bus, batch: 10);
        await relay.StartAsync(TestContext.Current.CancellationToken);

        var (first, _) = await bus.NextAsync();
        var (second, _) = await bus.NextAsync();
        await EmptyAsync();
        await relay.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal((Guid.Parse(message.MessageId), Guid.Parse(message.MessageId)), (first, second));
        Assert.Equal(0, bus.Left);
    }

    [Fact]
    public async Task Event_OfANewerVersion_KeepsMembersThatThisOneDoesNotKnow()
    {
        var payload = JsonSerializer.Serialize(Submitted("newer"), MessageJson.Options).Replace("{", """{"colour":"green",""", StringComparison.Ordinal);
        await _store.TryHandleAsync(new InboxMessage("m", "c"), [new OutboxEvent(Guid.NewGuid().ToString(), "sweep-submitted", payload)], TestContext.Current.CancellationToken);
        await using var bus = await MemoryBus.StartAsync();
        using var relay = Relay(bus, batch: 10);
        await relay.StartAsync(TestContext.Current.CancellationToken);

        var (_, message) = await bus.NextAsync();
        await relay.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(("green", "newer"), (message.GetProperty("colour").GetString(), message.GetProperty("sweep_id").GetString()));
    }

    [Fact]
    public async Task Event_ThatThisVersionDoesNotKnow_WaitsForAnotherSilo_AndTheOthersAreSent()
    {
        OutboxEvent[] events = [new(Guid.NewGuid().ToString(), "sweep-painted", "{}"), SweepEvents.Of(Submitted("known"))];
        await _store.TryHandleAsync(new InboxMessage("m", "c"), events, TestContext.Current.CancellationToken);
        await using var bus = await MemoryBus.StartAsync();
        using var relay = Relay(bus, batch: 10);
        await relay.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("known", (await bus.NextAsync()).Message.GetProperty("sweep_id").GetString());
        await UntilAsync(1);
        await relay.StopAsync(TestContext.Current.CancellationToken);

        var waiting = Assert.Single(await ReadAsync());
        Assert.Equal(("sweep-painted", "this version knows no event 'sweep-painted'; a silo of a newer version sends it"), (waiting.Event.Kind, waiting.LastError));
    }

    public ValueTask DisposeAsync()
    {
        (_store as IDisposable)?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private OutboxRelay Relay(MemoryBus bus, int batch) =>
        new(_store, bus.Control, Options.Create(new MessagingOptions { Transport = "memory", OutboxBatch = batch, OutboxPollSeconds = 0.01, PublishTimeoutSeconds = 1 }), TimeProvider.System, NullLogger<OutboxRelay>.Instance);

    private static SweepSubmitted Submitted(string id) => new() { SweepId = id, Name = "n", Owner = "o", SubmittedAt = DateTimeOffset.UnixEpoch };

    private Task EmptyAsync() => UntilAsync(0);

    private async Task UntilAsync(int count)
    {
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while ((await _store.ReadOutboxBacklogAsync(TestContext.Current.CancellationToken)).Count != count)
            await interval.WaitForNextTickAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What waits, as soon as its pause is over.</summary>
    private async Task<IReadOnlyList<OutboxMessage>> ReadAsync()
    {
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            if (await _store.ReadOutboxAsync(10, TimeSpan.Zero, TestContext.Current.CancellationToken) is { Count: > 0 } found)
                return found;
            await interval.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
