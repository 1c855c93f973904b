using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Sweep.Dashboard.Access;

/// <summary>Hashes of passwords: PBKDF2 with HMAC-SHA512 and a salt of its own for each, in ASP.NET Core Identity's self-describing format.</summary>
public static class Passwords
{
    public const int Shortest = 12;
    public const int Longest = 200;

    /// <summary>OWASP's figure for this function (Password Storage Cheat Sheet, 2023).</summary>
    private const int Iterations = 210_000;

    private static readonly PasswordHasher<object> Hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));
    private static readonly object Nobody = new();

    /// <summary>What a password that is nobody's is compared with, so that it takes as long as any other.</summary>
    private static readonly Lazy<string> NobodysHash = new(() => Hash(Guid.NewGuid().ToString()));

    /// <summary>What is wrong with a new password; null: nothing. It never says the password.</summary>
    public static string? Problem(string password) =>
        password.Length is < Shortest or > Longest ? $"password: found {password.Length} characters, expected {Shortest} to {Longest}" : null;

    public static string Hash(string password) => Hasher.HashPassword(Nobody, password);

    /// <param name="hash">Null: there is no such user.</param>
    /// <param name="password">What was typed.</param>
    public static bool Proves(string? hash, string password)
    {
        var matches = password.Length <= Longest && Hasher.VerifyHashedPassword(Nobody, hash ?? NobodysHash.Value, password) != PasswordVerificationResult.Failed;
        return matches && hash is not null;
    }
}
