using Sweep.Persistence.Access;

namespace Sweep.Dashboard.Access;

/// <summary>Users and tokens as an admin changes them; every change is in the journal with it.</summary>
/// <param name="access">The store's side.</param>
/// <param name="actor">Who does it, as the journal calls them.</param>
/// <param name="origin">From where.</param>
/// <param name="time">The clock that tokens expire by.</param>
public sealed class AccessAdministration(IAccessStore access, string actor, string origin, TimeProvider time)
{
    /// <summary>A token is never good for longer.</summary>
    public static readonly TimeSpan LongestToken = TimeSpan.FromDays(366);

    /// <summary>Null: added; else what is wrong.</summary>
    public async Task<string?> AddUserAsync(string name, AccessRole role, string password, CancellationToken cancellationToken)
    {
        if ((UserRecord.NameProblem(name) ?? Passwords.Problem(password)) is { } problem)
            return problem;
        var user = new UserRecord { Name = name, DisplayName = name, Role = role, PasswordHash = Passwords.Hash(password), Stamp = Stamps.Create(), CreatedAt = time.GetUtcNow() };
        return await access.TryAddUserAsync(user, Entry("user.add", name, role.ToString()), cancellationToken) ? null : $"user '{name}': found one of this name, expected a new one";
    }

    /// <summary>Sessions under the old password end. Null: changed; else what is wrong.</summary>
    public async Task<string?> ChangePasswordAsync(string name, string password, CancellationToken cancellationToken)
    {
        if (Passwords.Problem(password) is { } problem)
            return problem;
        if (await access.FindUserAsync(name, cancellationToken) is not { } user)
            return Unknown(name);
        if (user.PasswordHash is null)
            return $"user '{name}': found one of an OpenID Connect issuer, expected one with a password here";
        return await access.TryChangeUserAsync(user with { PasswordHash = Passwords.Hash(password), Stamp = Stamps.Create() }, Entry("user.passwd", name), cancellationToken) ? null : Unknown(name);
    }

    /// <summary>Sessions end at once. Null: removed; else what is wrong.</summary>
    public async Task<string?> RemoveUserAsync(string name, CancellationToken cancellationToken) =>
        await access.TryRemoveUserAsync(name, Entry("user.remove", name), cancellationToken) ? null : Unknown(name);

    /// <summary>The token, whose secret nobody can be shown again.</summary>
    public async Task<(ApiToken Token, TokenRecord Record)> CreateTokenAsync(string name, AccessRole role, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, LongestToken);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        var token = ApiToken.Create();
        var now = time.GetUtcNow();
        var record = new TokenRecord { Id = token.Id, Name = name, Role = role, SecretHash = token.Hash(), CreatedBy = actor, CreatedAt = now, ExpiresAt = now + lifetime };
        await access.AddTokenAsync(record, Entry("token.create", token.Id, $"{name}, {role}"), cancellationToken);
        return (token, record);
    }

    /// <summary>Null: revoked; else what is wrong.</summary>
    public async Task<string?> RevokeTokenAsync(string id, CancellationToken cancellationToken) =>
        await access.TryRevokeTokenAsync(id, Entry("token.revoke", id), cancellationToken) ? null : $"token '{id}': found none of this id that is not revoked, expected one that 'sweep token list' shows";

    private static string Unknown(string name) => $"user '{name}': found none of this name, expected one that 'sweep user list' shows";

    private JournalEntry Entry(string action, string target, string? detail = null) =>
        new() { Actor = actor, Action = action, Target = target, Origin = origin, Outcome = JournalOutcome.Done, Detail = detail };
}
