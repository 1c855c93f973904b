using Microsoft.EntityFrameworkCore;
using Sweep.Persistence.Access;
using Sweep.Persistence.Entities;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence;

/// <summary>Who may do what, and who did.</summary>
internal sealed partial class EfSweepStore : IAccessStore
{
    /// <summary>What is looked through for entries of a kind: the journal has no index on what they say.</summary>
    private const long NewestEntries = 20_000;

    public Task<bool> TryAddUserAsync(UserRecord user, JournalEntry entry, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        const string Insert = """
            INSERT INTO users (name, display_name, role, password_hash, stamp, created_at)
            VALUES (@name, @display, @role, @password, @stamp, @created) ON CONFLICT DO NOTHING
            """;
        await using var insert = database.Command(Insert)
            .With("@name", user.Name).With("@display", Shortened(user.DisplayName)).With("@role", user.Role.ToString()).With("@password", user.PasswordHash)
            .With("@stamp", user.Stamp).With("@created", Microseconds.Of(user.CreatedAt));
        return await insert.ExecuteNonQueryAsync(cancellationToken) == 1 && await NoteAsync(database, entry, cancellationToken);
    }, cancellationToken);

    public Task<UserRecord?> FindUserAsync(string name, CancellationToken cancellationToken) => ReadAsync(async context =>
        await context.Users.AsNoTracking().FirstOrDefaultAsync(user => user.Name == name, cancellationToken) is { } user ? Record(user) : null, cancellationToken);

    public Task<IReadOnlyList<UserRecord>> ListUsersAsync(CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<UserRecord>>(async context =>
        [.. (await context.Users.AsNoTracking().ToListAsync(cancellationToken)).Select(Record).OrderBy(user => user.Name, StringComparer.Ordinal)], cancellationToken);

    public Task<bool> TryChangeUserAsync(UserRecord user, JournalEntry entry, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        await using var update = database.Command("UPDATE users SET display_name = @display, role = @role, password_hash = @password, stamp = @stamp WHERE name = @name")
            .With("@name", user.Name).With("@display", Shortened(user.DisplayName)).With("@role", user.Role.ToString()).With("@password", user.PasswordHash).With("@stamp", user.Stamp);
        return await update.ExecuteNonQueryAsync(cancellationToken) == 1 && await NoteAsync(database, entry, cancellationToken);
    }, cancellationToken);

    public Task<bool> TryRemoveUserAsync(string name, JournalEntry entry, CancellationToken cancellationToken) => WriteAsync(async database =>
        await database.Context.Users.Where(user => user.Name == name).ExecuteDeleteAsync(cancellationToken) == 1 && await NoteAsync(database, entry, cancellationToken), cancellationToken);

    public Task AddTokenAsync(TokenRecord token, JournalEntry entry, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        const string Insert = """
            INSERT INTO tokens (id, name, role, secret_hash, created_by, created_at, expires_at)
            VALUES (@id, @name, @role, @hash, @by, @created, @expires)
            """;
        await using var insert = database.Command(Insert)
            .With("@id", token.Id).With("@name", Shortened(token.Name)).With("@role", token.Role.ToString()).With("@hash", token.SecretHash).With("@by", Shortened(token.CreatedBy))
            .With("@created", Microseconds.Of(token.CreatedAt)).With("@expires", Microseconds.Of(token.ExpiresAt));
        await insert.ExecuteNonQueryAsync(cancellationToken);
        return await NoteAsync(database, entry, cancellationToken);
    }, cancellationToken);

    public Task<TokenRecord?> FindTokenAsync(string id, CancellationToken cancellationToken) => ReadAsync(async context =>
        await context.Tokens.AsNoTracking().FirstOrDefaultAsync(token => token.Id == id, cancellationToken) is { } token ? Record(token) : null, cancellationToken);

    public Task<IReadOnlyList<TokenRecord>> ListTokensAsync(CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<TokenRecord>>(async context =>
        [.. (await context.Tokens.AsNoTracking().ToListAsync(cancellationToken)).Select(Record).OrderByDescending(token => token.CreatedAt).ThenBy(token => token.Id, StringComparer.Ordinal)],
        cancellationToken);

    public Task<bool> TryRevokeTokenAsync(string id, JournalEntry entry, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        var now = UtcNow();
        return await database.Context.Tokens.Where(token => token.Id == id && token.RevokedAt == null)
            .ExecuteUpdateAsync(update => update.SetProperty(token => token.RevokedAt, now), cancellationToken) == 1 && await NoteAsync(database, entry, cancellationToken);
    }, cancellationToken);

    public Task<long> WriteJournalAsync(JournalEntry entry, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        await using var insert = InsertJournal(database, entry);
        return Convert.ToInt64(await insert.ExecuteScalarAsync(cancellationToken), null);
    }, cancellationToken);

    public Task EndJournalAsync(long id, JournalOutcome outcome, string? detail, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        await using var update = database.Command("UPDATE journal SET outcome = @outcome, detail = @detail WHERE id = @id")
            .With("@id", id).With("@outcome", outcome.ToString()).With("@detail", Shortened(detail, JournalEntry.LongestDetail));
        return await update.ExecuteNonQueryAsync(cancellationToken);
    }, cancellationToken);

    public Task<IReadOnlyList<JournalEntry>> ReadJournalAsync(long before, int max, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<JournalEntry>>(async context =>
        [.. (await context.Journal.AsNoTracking().Where(entry => entry.Id < before).OrderByDescending(entry => entry.Id).Take(max).ToListAsync(cancellationToken)).Select(Record)],
        cancellationToken);

    public Task<IReadOnlyList<JournalEntry>> ListRefusedAsync(string action, int max, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<JournalEntry>>(async context =>
    {
        var refused = nameof(JournalOutcome.Refused);
        var from = await context.Journal.MaxAsync(entry => (long?)entry.Id, cancellationToken) - NewestEntries ?? 0;
        var found = await context.Journal.AsNoTracking().Where(entry => entry.Id > from && entry.Action == action && entry.Outcome == refused)
            .OrderByDescending(entry => entry.Id).Take(max).ToListAsync(cancellationToken);
        return [.. found.Select(Record)];
    }, cancellationToken);

    public Task<int> TrimJournalAsync(TimeSpan olderThan, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        var before = time.GetUtcNow() - olderThan;
        return await database.Context.Journal.Where(entry => entry.At < before).ExecuteDeleteAsync(cancellationToken);
    }, cancellationToken);

    public Task<IReadOnlyList<string>> ListKeysAsync(CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<string>>(async context =>
        await context.ProtectionKeys.AsNoTracking().OrderBy(key => key.Name).Select(key => key.Xml).ToListAsync(cancellationToken), cancellationToken);

    public Task SaveKeyAsync(string name, string xml, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        await using var insert = database.Command("INSERT INTO protection_keys (name, xml) VALUES (@name, @xml) ON CONFLICT (name) DO UPDATE SET xml = excluded.xml")
            .With("@name", name).With("@xml", xml);
        return await insert.ExecuteNonQueryAsync(cancellationToken);
    }, cancellationToken);

    private async Task<bool> NoteAsync(StoreTransaction database, JournalEntry entry, CancellationToken cancellationToken)
    {
        await using var insert = InsertJournal(database, entry);
        return await insert.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private System.Data.Common.DbCommand InsertJournal(StoreTransaction database, JournalEntry entry) =>
        database.Command("INSERT INTO journal (at, actor, action, target, origin, outcome, detail) VALUES (@at, @actor, @action, @target, @origin, @outcome, @detail) RETURNING id")
            .With("@at", Microseconds.Of(time.GetUtcNow())).With("@actor", Shortened(entry.Actor)).With("@action", Shortened(entry.Action)).With("@target", Shortened(entry.Target))
            .With("@origin", Shortened(entry.Origin)).With("@outcome", entry.Outcome.ToString()).With("@detail", Shortened(entry.Detail, JournalEntry.LongestDetail));

    /// <summary>Some of it comes from whoever knocks at the door.</summary>
    private static string? Shortened(string? text, int longest = JournalEntry.LongestText) => ItemText.Clean(text is not null && text.Length > longest ? text[..longest] : text);

    private static UserRecord Record(UserEntity user) => new()
    {
        Name = user.Name,
        DisplayName = user.DisplayName,
        Role = Enum.Parse<AccessRole>(user.Role),
        PasswordHash = user.PasswordHash,
        Stamp = user.Stamp,
        CreatedAt = user.CreatedAt,
    };

    private static TokenRecord Record(TokenEntity token) => new()
    {
        Id = token.Id,
        Name = token.Name,
        Role = Enum.Parse<AccessRole>(token.Role),
        SecretHash = token.SecretHash,
        CreatedBy = token.CreatedBy,
        CreatedAt = token.CreatedAt,
        ExpiresAt = token.ExpiresAt,
        RevokedAt = token.RevokedAt,
    };

    private static JournalEntry Record(JournalEntity entry) => new()
    {
        Id = entry.Id,
        At = entry.At,
        Actor = entry.Actor,
        Action = entry.Action,
        Target = entry.Target,
        Origin = entry.Origin,
        Outcome = Enum.Parse<JournalOutcome>(entry.Outcome),
        Detail = entry.Detail,
    };
}
