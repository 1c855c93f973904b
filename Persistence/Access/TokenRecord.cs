namespace Sweep.Persistence.Access;

/// <summary>A token for programs. Its secret is shown once, when it is made; what is kept is the secret's hash.</summary>
public sealed record TokenRecord
{
    /// <summary>The part of the token that is no secret.</summary>
    public required string Id { get; init; }

    /// <summary>What its maker calls it.</summary>
    public required string Name { get; init; }

    public required AccessRole Role { get; init; }

    /// <summary>SHA-256 of the secret, which is random and long enough to need no salt.</summary>
    public required byte[] SecretHash { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public bool IsValidAt(DateTimeOffset now) => RevokedAt is null && now < ExpiresAt;

    public override string ToString() => $"{Id} ({Name}, {Role})";
}
