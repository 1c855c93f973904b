using Sweep.Contracts.Store;

namespace Sweep.Persistence.Access;

/// <summary>
/// Users, tokens, the journal of changes and the keys that cookies are protected with. What changes users or tokens writes its journal entry in the same transaction. Transient failures
/// surface as <see cref="StoreUnavailableException"/>.
/// </summary>
public interface IAccessStore
{
    /// <summary>False: there is one of this name.</summary>
    Task<bool> TryAddUserAsync(UserRecord user, JournalEntry entry, CancellationToken cancellationToken);

    Task<UserRecord?> FindUserAsync(string name, CancellationToken cancellationToken);

    /// <summary>By name.</summary>
    Task<IReadOnlyList<UserRecord>> ListUsersAsync(CancellationToken cancellationToken);

    /// <summary>Display name, role, password and stamp become these. False: there is no such user.</summary>
    Task<bool> TryChangeUserAsync(UserRecord user, JournalEntry entry, CancellationToken cancellationToken);

    /// <summary>False: there is no such user.</summary>
    Task<bool> TryRemoveUserAsync(string name, JournalEntry entry, CancellationToken cancellationToken);

    Task AddTokenAsync(TokenRecord token, JournalEntry entry, CancellationToken cancellationToken);

    Task<TokenRecord?> FindTokenAsync(string id, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<TokenRecord>> ListTokensAsync(CancellationToken cancellationToken);

    /// <summary>False: there is no such token, or it was revoked before.</summary>
    Task<bool> TryRevokeTokenAsync(string id, JournalEntry entry, CancellationToken cancellationToken);

    /// <summary>The entry's number.</summary>
    Task<long> WriteJournalAsync(JournalEntry entry, CancellationToken cancellationToken);

    /// <summary>What became of an entry that was written as <see cref="JournalOutcome.Asked"/>.</summary>
    Task EndJournalAsync(long id, JournalOutcome outcome, string? detail, CancellationToken cancellationToken);

    /// <summary>Newest first, those before the given number.</summary>
    Task<IReadOnlyList<JournalEntry>> ReadJournalAsync(long before, int max, CancellationToken cancellationToken);

    /// <summary>Entries of this action that were refused, newest first, among the newest 20,000 of all.</summary>
    Task<IReadOnlyList<JournalEntry>> ListRefusedAsync(string action, int max, CancellationToken cancellationToken);

    /// <summary>Forgets entries that are older than this; how many.</summary>
    Task<int> TrimJournalAsync(TimeSpan olderThan, CancellationToken cancellationToken);

    /// <summary>Keys of ASP.NET Core's data protection, XML, by name.</summary>
    Task<IReadOnlyList<string>> ListKeysAsync(CancellationToken cancellationToken);

    Task SaveKeyAsync(string name, string xml, CancellationToken cancellationToken);
}

/// <summary>The access side of a store.</summary>
public static class AccessStores
{
    public static IAccessStore Access(this ISweepStore store) => store as IAccessStore ?? throw new ArgumentException("not a store of this library", nameof(store));
}
