using System.Text.RegularExpressions;

namespace Sweep.Persistence.Access;

/// <summary>Somebody who logs in: with a password that is known here by its hash, or at an OpenID Connect issuer.</summary>
public sealed partial record UserRecord
{
    /// <summary>Of users whom an issuer knows; no local one begins so.</summary>
    public const string IssuedPrefix = "oidc-";

    /// <summary>Unique, lower case.</summary>
    public required string Name { get; init; }

    /// <summary>How pages call them.</summary>
    public required string DisplayName { get; init; }

    public required AccessRole Role { get; init; }

    /// <summary>Null: an issuer's.</summary>
    public string? PasswordHash { get; init; }

    /// <summary>A session carries the stamp that it began under, and ends when the user has another one.</summary>
    public required string Stamp { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Without what must not be printed.</summary>
    public override string ToString() => $"{Name} ({Role})";

    /// <summary>What is wrong with a local user's name; null: nothing.</summary>
    public static string? NameProblem(string name) =>
        !NamePattern().IsMatch(name) ? $"user name: found '{name}', expected 1 to 64 of a-z, 0-9, '.', '_', '-' and '@', beginning with a letter or digit"
        : name.StartsWith(IssuedPrefix, StringComparison.Ordinal) ? $"user name: found '{name}', expected one that does not begin with '{IssuedPrefix}', which users of an issuer have"
        : null;

    [GeneratedRegex("^[a-z0-9][a-z0-9._@-]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
