using Microsoft.Extensions.Time.Testing;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;
using Sweep.Persistence.Access;
using Sweep.Persistence.Tests.Stores;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Persistence.Tests.Contract;

public sealed class SqliteAccessTests() : AccessContract(new SqliteHome());

public sealed class PostgresAccessTests(PostgresServer server) : AccessContract(new PostgresHome(server));

/// <summary>Users, tokens, journal and keys, the same on every database.</summary>
public abstract class AccessContract(StoreHome home) : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return home.DisposeAsync();
    }

    [Fact]
    public async Task AddUser_SameNameTwice_IsRefusedAndNotNoted()
    {
        var access = await OpenAsync();
        Assert.True(await access.TryAddUserAsync(User("ada"), Entry("user.add", "ada"), Token));
        Assert.False(await access.TryAddUserAsync(User("ada") with { Role = AccessRole.Admin }, Entry("user.add", "ada"), Token));
        Assert.Equal(User("ada"), await access.FindUserAsync("ada", Token));
        Assert.Null(await access.FindUserAsync("Ada", Token));
        Assert.Single(await access.ReadJournalAsync(long.MaxValue, 10, Token));
    }

    [Fact]
    public async Task ChangeUser_Known_TakesRoleNameHashAndStamp()
    {
        var access = await OpenAsync();
        await access.TryAddUserAsync(User("ada"), Entry("user.add", "ada"), Token);
        var changed = User("ada") with { Role = AccessRole.Admin, DisplayName = "Ada L.", PasswordHash = "other", Stamp = "s2" };
        Assert.True(await access.TryChangeUserAsync(changed, Entry("user.change", "ada"), Token));
        Assert.False(await access.TryChangeUserAsync(User("bob"), Entry("user.change", "bob"), Token));
        Assert.Equal([changed], await access.ListUsersAsync(Token));
        Assert.Equal(["user.change", "user.add"], (await access.ReadJournalAsync(long.MaxValue, 10, Token)).Select(entry => entry.Action));
    }

    [Fact]
    public async Task RemoveUser_Known_IsGone()
    {
        var access = await OpenAsync();
        await access.TryAddUserAsync(User("ada"), Entry("user.add", "ada"), Token);
        Assert.True(await access.TryRemoveUserAsync("ada", Entry("user.remove", "ada"), Token));
        Assert.False(await access.TryRemoveUserAsync("ada", Entry("user.remove", "ada"), Token));
        Assert.Empty(await access.ListUsersAsync(Token));
    }

    [Fact]
    public async Task RevokeToken_Valid_IsRevokedOnceAtTheStoresTime()
    {
        var time = new FakeTimeProvider(Now);
        var access = await OpenAsync(time);
        var token = new TokenRecord { Id = "t1", Name = "ci", Role = AccessRole.Operator, SecretHash = [1, 2, 3], CreatedBy = "command:root", CreatedAt = Now, ExpiresAt = Now.AddDays(1) };
        await access.AddTokenAsync(token, Entry("token.create", "t1"), Token);
        var found = await access.FindTokenAsync("t1", Token);
        Assert.Equal(token with { SecretHash = found!.SecretHash }, found);
        Assert.Equal<byte>([1, 2, 3], found.SecretHash);
        time.Advance(TimeSpan.FromHours(1));
        Assert.True(await access.TryRevokeTokenAsync("t1", Entry("token.revoke", "t1"), Token));
        Assert.False(await access.TryRevokeTokenAsync("t1", Entry("token.revoke", "t1"), Token));
        Assert.Equal(Now.AddHours(1), Assert.Single(await access.ListTokensAsync(Token)).RevokedAt);
        Assert.Null(await access.FindTokenAsync("t2", Token));
    }

    [Fact]
    public async Task Journal_BegunAndEnded_SaysHowItEnded()
    {
        var access = await OpenAsync(new FakeTimeProvider(Now));
        var first = await access.WriteJournalAsync(Entry("sweep.cancel", "a") with { Outcome = JournalOutcome.Asked }, Token);
        var second = await access.WriteJournalAsync(Entry("login", new string('x', 10_000) + "\0"), Token);
        await access.EndJournalAsync(first, JournalOutcome.Failed, "no silo answered", Token);
        var entries = await access.ReadJournalAsync(long.MaxValue, 10, Token);
        Assert.Equal([second, first], entries.Select(entry => entry.Id));
        Assert.Equal(Entry("sweep.cancel", "a") with { Id = first, At = Now, Outcome = JournalOutcome.Failed, Detail = "no silo answered" }, entries[1]);
        Assert.Equal(JournalEntry.LongestText, entries[0].Target.Length);
        Assert.Equal([first], (await access.ReadJournalAsync(second, 10, Token)).Select(entry => entry.Id));
        Assert.Single(await access.ReadJournalAsync(long.MaxValue, 1, Token));
    }

    [Fact]
    public async Task Journal_RefusedPlans_AreListedWithAllTheirProblemsUntilTheyAreOld()
    {
        var time = new FakeTimeProvider(Now);
        var store = await home.OpenAsync(null, time);
        var access = store.Access();
        await access.WriteJournalAsync(Entry(JournalEntry.Submit, "ran"), Token);
        await access.WriteJournalAsync(Entry("login", "ada") with { Outcome = JournalOutcome.Refused }, Token);
        var problems = string.Join('\n', Enumerable.Repeat("plan:1:1: name: found nothing, expected one", 40));
        await access.WriteJournalAsync(Entry(JournalEntry.Submit, "first") with { Outcome = JournalOutcome.Refused, Detail = problems }, Token);
        time.Advance(TimeSpan.FromDays(2));
        var message = new InboxMessage("m-1", "submit");
        var rejected = new SweepRejected { Command = "run-experiment", CommandId = "m-1", Key = "nightly", Problems = ["layer: found 99", "items: found 0"], At = Now };
        Assert.True(await store.TryHandleAsync(message, [SweepEvents.Of(rejected)], Token));
        Assert.False(await store.TryHandleAsync(message, [SweepEvents.Of(rejected)], Token));
        await store.TryHandleAsync(message with { MessageId = "m-2" }, [SweepEvents.Of(rejected with { Command = "pause-sweep" })], Token);

        var found = await access.ListRefusedAsync(JournalEntry.Submit, 10, Token);

        Assert.Equal([("message:m-1", "run-experiment", "nightly", "layer: found 99\nitems: found 0"), ("command:root", "here", "first", problems)], found.Select(entry => (entry.Actor, entry.Origin, entry.Target, entry.Detail!)));
        Assert.Equal("nightly", Assert.Single(await access.ListRefusedAsync(JournalEntry.Submit, 1, Token)).Target);
        Assert.Equal(3, await access.TrimJournalAsync(TimeSpan.FromDays(1), Token));
        Assert.Equal("nightly", Assert.Single(await access.ReadJournalAsync(long.MaxValue, 10, Token)).Target);
    }

    [Fact]
    public async Task Keys_SavedTwice_AreKeptOnce()
    {
        var access = await OpenAsync();
        await access.SaveKeyAsync("key-1", "<key>1</key>", Token);
        await access.SaveKeyAsync("key-2", "<key>2</key>", Token);
        await access.SaveKeyAsync("key-1", "<key>3</key>", Token);
        Assert.Equal(["<key>3</key>", "<key>2</key>"], await access.ListKeysAsync(Token));
    }

    private async Task<IAccessStore> OpenAsync(TimeProvider? time = null) => (await home.OpenAsync(null, time)).Access();

    private static UserRecord User(string name) => new() { Name = name, DisplayName = name, Role = AccessRole.Viewer, PasswordHash = "hash", Stamp = "s1", CreatedAt = Now };

    private static JournalEntry Entry(string action, string target) =>
        new() { Actor = "command:root", Action = action, Target = target, Origin = "here", Outcome = JournalOutcome.Done };
}
