using Microsoft.Extensions.Time.Testing;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Store;
using Sweep.Persistence.Tests.Stores;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Persistence.Tests.Contract;

public sealed class SqliteMessageTests() : MessageContract(new SqliteHome())
{
    [Fact]
    public async Task ReadOutbox_ByTheFileOwnersClock_IsDueAgainWhenItsClaimIsOver()
    {
        var time = new FakeTimeProvider();
        var store = await Home.OpenAsync(new RecordedEvents(), time);
        await Rows.PrepareAsync(store, Token);
        Assert.Single(await store.ReadOutboxAsync(10, TimeSpan.FromSeconds(30), Token));
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(await store.ReadOutboxAsync(10, TimeSpan.FromSeconds(30), Token));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, Assert.Single(await store.ReadOutboxAsync(10, TimeSpan.FromSeconds(30), Token)).Attempts);
        Assert.Equal(TimeSpan.FromSeconds(30), (await store.ReadOutboxBacklogAsync(Token)).OldestAge);
    }
}

public sealed class PostgresMessageTests(PostgresServer server) : MessageContract(new PostgresHome(server))
{
    [Fact]
    public async Task ReadOutbox_ByAProcessWhoseClockIsOff_GoesByTheServersClock()
    {
        var ahead = await Home.OpenAsync(new RecordedEvents(), new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(1)));
        var behind = await Home.OpenAsync(new RecordedEvents(), new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(-1)));
        await Rows.PrepareAsync(ahead, Token);
        Assert.Single(await behind.ReadOutboxAsync(10, TimeSpan.Zero, Token));
        Assert.InRange((await ahead.ReadOutboxBacklogAsync(Token)).OldestAge!.Value, TimeSpan.Zero, TimeSpan.FromMinutes(10));
    }
}

/// <summary>Inbox, outbox and the events of changes, the same on every database.</summary>
public abstract class MessageContract(StoreHome home) : IAsyncLifetime
{
    private static readonly InboxMessage Message = new("message-1", "submit");

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected StoreHome Home => home;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return home.DisposeAsync();
    }

    [Fact]
    public async Task Submit_SameMessageTwice_IsOneSweepAndOneEvent()
    {
        var store = await home.OpenAsync(new RecordedEvents());
        var submission = new SweepSubmission { SweepId = Rows.SweepId, Plan = Rows.Plan, PlanText = "text", Key = "k", Message = Message };
        var first = await store.SubmitAsync(submission, Token);
        var second = await store.SubmitAsync(submission, Token);
        Assert.Equal((true, false, false, true), (first.Created, first.Duplicate, second.Created, second.Duplicate));
        Assert.Equal(Rows.SweepId, second.Sweep!.Id);
        Assert.Equal($"{Rows.SweepId} Submitted key k", Assert.Single(await PayloadsAsync(store)));
    }

    [Fact]
    public async Task Submit_SameMessageAtOnceFromManyStores_IsOneSweepAndOneEvent()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => await home.OpenAsync(new RecordedEvents())));
        var submission = new SweepSubmission { SweepId = Rows.SweepId, Plan = Rows.Plan, PlanText = "text", Message = Message };
        var outcomes = await Task.WhenAll(stores.Select(store => Task.Run(() => store.SubmitAsync(submission, Token), Token)));
        Assert.Single(outcomes, outcome => outcome.Created);
        Assert.Equal(3, outcomes.Count(outcome => outcome.Duplicate));
        Assert.Single(await PayloadsAsync(stores[0]));
    }

    [Fact]
    public async Task Submit_SameKeyWithAnotherPlan_IsTheFirstSweep()
    {
        var store = await home.OpenAsync();
        await store.SubmitAsync(new SweepSubmission { SweepId = "one", Plan = Rows.Plan, PlanText = "text", Key = "k" }, Token);
        var other = await store.SubmitAsync(new SweepSubmission { SweepId = "two", Plan = Rows.Plan, PlanText = "text", Key = "k" }, Token);
        Assert.Equal(("one", false), (other.Sweep!.Id, other.Created));
        Assert.Single(await store.ListSweepsAsync(Token));
    }

    [Fact]
    public async Task Submit_KeyOfASweepThatCameWithoutOne_MeansThatSweepFromThenOn()
    {
        var store = await home.OpenAsync();
        await store.SubmitAsync("one", Rows.Plan, "text", Token);
        Assert.False((await store.SubmitAsync(new SweepSubmission { SweepId = "one", Plan = Rows.Plan, PlanText = "text", Key = "k" }, Token)).Created);
        Assert.Equal("one", (await store.SubmitAsync(new SweepSubmission { SweepId = "two", Plan = Rows.Plan, PlanText = "text", Key = "k" }, Token)).Sweep!.Id);
    }

    [Theory]
    [InlineData(SweepState.Canceled, null, "again", SweepState.Submitted)]
    [InlineData(SweepState.Faulted, "k", "again", SweepState.Submitted)]
    [InlineData(SweepState.Canceled, null, null, SweepState.Submitted)]
    [InlineData(SweepState.Completed, null, null, SweepState.Completed)]
    [InlineData(SweepState.Canceled, "k", "k", SweepState.Canceled)]
    [InlineData(SweepState.Canceled, null, "of another sweep", SweepState.Canceled)]
    public async Task Submit_AgainAfterItsEnd_ReopensUnlessTheKeySaysThatItIsTheSame(SweepState end, string? firstKey, string? secondKey, SweepState expected)
    {
        var store = await home.OpenAsync(new RecordedEvents());
        await store.SubmitAsync(new SweepSubmission { SweepId = "other", Plan = Rows.Plan, PlanText = "text", Key = "of another sweep" }, Token);
        await store.SubmitAsync(new SweepSubmission { SweepId = "one", Plan = Rows.Plan, PlanText = "text", Key = firstKey }, Token);
        await store.TrySetStateAsync("one", [SweepState.Submitted], end, "why", Token);
        await PayloadsAsync(store);

        var outcome = await store.SubmitAsync(new SweepSubmission { SweepId = "one", Plan = Rows.Plan, PlanText = "text", Key = secondKey, Reopen = true }, Token);

        Assert.False(outcome.Created);
        var sweep = (await store.FindSweepAsync("one", Token))!;
        Assert.Equal((expected, expected == SweepState.Submitted), (sweep.State, sweep.FinishedAt is null));
        Assert.Equal(expected == SweepState.Submitted ? 1 : 0, (await PayloadsAsync(store)).Length);
    }

    [Fact]
    public async Task SetState_SameMessageTwice_ChangesOnce()
    {
        var store = await home.OpenAsync(new RecordedEvents());
        await Rows.PrepareAsync(store, Token);
        Assert.True(await store.TrySetStateAsync(Rows.SweepId, [SweepState.Submitted], SweepState.Canceled, "by its user", Message, Token));
        Assert.True(await store.TrySetStateAsync(Rows.SweepId, [SweepState.Canceled], SweepState.Submitted, null, Token));
        Assert.False(await store.TrySetStateAsync(Rows.SweepId, [SweepState.Submitted], SweepState.Canceled, "by its user", Message, Token));
        Assert.Equal(
            [$"{Rows.SweepId} Submitted key none", $"{Rows.SweepId} Canceled resolved by its user", $"{Rows.SweepId} Submitted resolved no reason"], await PayloadsAsync(store));
    }

    [Fact]
    public async Task Handle_SameMessageTwice_AnswersOnceForEachConsumer()
    {
        var store = await home.OpenAsync();
        Assert.True(await store.TryHandleAsync(Message, [new OutboxEvent("a", "rejected", "{}")], Token));
        Assert.False(await store.TryHandleAsync(Message, [new OutboxEvent("b", "rejected", "{}")], Token));
        Assert.True(await store.TryHandleAsync(Message with { Consumer = "another" }, [], Token));
        Assert.Equal("a", Assert.Single(await store.ReadOutboxAsync(10, TimeSpan.FromMinutes(1), Token)).Event.MessageId);
        Assert.Equal(0, await store.TrimInboxAsync(TimeSpan.FromMinutes(5), Token));
        Assert.Equal(2, await store.TrimInboxAsync(TimeSpan.FromMinutes(-5), Token));
        Assert.True(await store.TryHandleAsync(Message, [], Token));
    }

    [Fact]
    public async Task ReadOutbox_ClaimedDeletedPostponed_IsOldestFirstAndEachToOneReader()
    {
        var store = await home.OpenAsync();
        await store.TryHandleAsync(Message, [.. Enumerable.Range(0, 6).Select(index => new OutboxEvent($"m{index}", "kind", $"{index}"))], Token);
        var first = await store.ReadOutboxAsync(2, TimeSpan.FromMinutes(5), Token);
        Assert.Equal(["0", "1"], first.Select(message => message.Event.Payload));
        Assert.Equal(["2", "3", "4"], (await (await home.OpenAsync()).ReadOutboxAsync(3, TimeSpan.FromMinutes(5), Token)).Select(message => message.Event.Payload));
        await store.DeleteOutboxAsync([first[0].Id], Token);
        await store.PostponeOutboxAsync(first[1].Id, "no broker", TimeSpan.Zero, Token);
        var again = await store.ReadOutboxAsync(10, TimeSpan.FromMinutes(5), Token);
        Assert.Equal([("1", 1, "no broker"), ("5", 0, null)], again.Select(message => (message.Event.Payload, message.Attempts, message.LastError)));
        Assert.Equal(5, (await store.ReadOutboxBacklogAsync(Token)).Count);
        await store.PostponeOutboxAsync(again[0].Id, "no broker", TimeSpan.FromMinutes(5), Token);
        Assert.Empty(await store.ReadOutboxAsync(10, TimeSpan.Zero, Token));
    }

    [Fact]
    public async Task ReadOutbox_ByManyAtOnce_GivesEachEventOnce()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => await home.OpenAsync()));
        await stores[0].TryHandleAsync(Message, [.. Enumerable.Range(0, 40).Select(index => new OutboxEvent($"m{index}", "kind", $"{index}"))], Token);
        var taken = await Task.WhenAll(stores.Select(store => Task.Run(() => store.ReadOutboxAsync(40, TimeSpan.FromMinutes(5), Token), Token)));
        var rest = await stores[0].ReadOutboxAsync(40, TimeSpan.FromMinutes(5), Token);
        Assert.Equal(40, taken.SelectMany(messages => messages).Concat(rest).Select(message => message.Event.MessageId).Distinct().Count());
        Assert.Equal(40, taken.Sum(messages => messages.Count) + rest.Count);
    }

    [Fact]
    public async Task Events_OfABatch_TellOfEachJobWhenItsLastBatchEnds()
    {
        var store = await home.OpenAsync(new RecordedEvents());
        await Rows.PrepareAsync(store, Token);
        var second = Rows.Batch with { Id = $"{Rows.SweepId}/000001", Jobs = [Rows.Jobs[0]] };
        await store.AddBatchesAsync([second], Token);
        await PayloadsAsync(store);

        var lease = (await store.TryGrantAsync(Rows.Batch.Id, 0, "w", 30, Token))!;
        Assert.True(await store.EndLeaseAsync(lease, BatchStatus.Pending, "it threw", Token));
        Assert.Empty(await PayloadsAsync(store));
        lease = (await store.TryGrantAsync(Rows.Batch.Id, 1, "w", 30, Token))!;
        Assert.True(await store.EndLeaseAsync(lease, BatchStatus.Completed, null, Token));
        Assert.Equal([Job(1, "Completed no reason")], await PayloadsAsync(store));

        lease = (await store.TryGrantAsync(second.Id, 0, "w2", 30, Token))!;
        Assert.True(await store.EndLeaseAsync(lease, BatchStatus.Quarantined, "three times", Token));
        Assert.Equal([$"{second.Id} Quarantined three times attempts 1 failed 1 by w2", Job(0, "Quarantined three times")], await PayloadsAsync(store));
        Assert.False(await store.ExpireLeaseAsync(second.Id, lease.Token, BatchStatus.Quarantined, "again", Token));
        Assert.Empty(await PayloadsAsync(store));
    }

    [Fact]
    public async Task Events_OfJobsRecordedBefore_ComeWhenTheSweepRuns()
    {
        var store = await home.OpenAsync(new RecordedEvents());
        await store.SubmitAsync(Rows.SweepId, Rows.Plan, "text", Token);
        await store.AddJobsAsync(Rows.SweepId, Rows.SweepJobs, Token);
        await store.AddBatchesAsync([Rows.Batch with { Jobs = [Rows.Jobs[1]] }], Token);
        await store.TrySetStateAsync(Rows.SweepId, [SweepState.Submitted], SweepState.Running, null, Token);
        await store.TrySetStateAsync(Rows.SweepId, [SweepState.Running], SweepState.Running, null, Token);
        Assert.Single(await PayloadsAsync(store), payload => payload == Job(0, "Completed no reason"));
    }

    [Fact]
    public async Task Events_OfAChangeThatDidNotHappen_DoNotExist()
    {
        var store = await home.OpenAsync(new RecordedEvents());
        await Rows.PrepareAsync(store, Token);
        await PayloadsAsync(store);
        Assert.False(await store.TrySetStateAsync(Rows.SweepId, [SweepState.Running], SweepState.Completed, null, Token));
        Assert.False(await store.EndLeaseAsync(new Lease { BatchId = Rows.Batch.Id, SweepId = Rows.SweepId, Token = 5, WorkerId = "w", DurationSeconds = 1 }, BatchStatus.Faulted, "x", Token));
        Assert.Empty(await PayloadsAsync(store));
    }

    private static string Job(int ordinal, string outcome) => $"{Rows.SweepId} {ordinal} {Rows.Jobs[ordinal].Id.Value[..8]} 0 {outcome}";

    /// <summary>What waits in the outbox, taken out of it.</summary>
    private static async Task<string[]> PayloadsAsync(ISweepStore store)
    {
        var messages = await store.ReadOutboxAsync(100, TimeSpan.FromMinutes(1), Token);
        await store.DeleteOutboxAsync([.. messages.Select(message => message.Id)], Token);
        return [.. messages.Select(message => message.Event.Payload)];
    }
}
