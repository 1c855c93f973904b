using Microsoft.EntityFrameworkCore;

namespace Sweep.Persistence.Entities;

internal sealed class UserEntity
{
    public required string Name { get; set; }

    public required string DisplayName { get; set; }

    public required string Role { get; set; }

    public string? PasswordHash { get; set; }

    public required string Stamp { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }
}

internal sealed class TokenEntity
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    public required string Role { get; set; }

    public required byte[] SecretHash { get; set; }

    public required string CreatedBy { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    public required DateTimeOffset ExpiresAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }
}

internal sealed class JournalEntity
{
    public long Id { get; set; }

    public required DateTimeOffset At { get; set; }

    public required string Actor { get; set; }

    public required string Action { get; set; }

    public required string Target { get; set; }

    public required string Origin { get; set; }

    public required string Outcome { get; set; }

    public string? Detail { get; set; }
}

/// <summary>A key that cookies are protected with.</summary>
internal sealed class ProtectionKeyEntity
{
    public required string Name { get; set; }

    public required string Xml { get; set; }
}

/// <summary>The tables of who may do what, and who did.</summary>
internal static class AccessModel
{
    public static void Configure(ModelBuilder model)
    {
        model.Entity<UserEntity>().ToTable("users").HasKey(user => user.Name);
        model.Entity<TokenEntity>().ToTable("tokens").HasKey(token => token.Id);
        model.Entity<JournalEntity>().ToTable("journal").HasKey(entry => entry.Id);
        model.Entity<ProtectionKeyEntity>().ToTable("protection_keys").HasKey(key => key.Name);
    }
}
