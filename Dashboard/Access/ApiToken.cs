using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Sweep.Dashboard.Access;

/// <summary>A token as its owner has it: "swp_ID_SECRET". The id finds it in the store, the secret (256 random bits) proves it.</summary>
/// <param name="Id">16 hexadecimal digits.</param>
/// <param name="Secret">Base64url.</param>
public sealed record ApiToken(string Id, string Secret)
{
    private const string Prefix = "swp_";
    private const int IdLength = 16;
    private const int SecretLength = 43;

    public static ApiToken Create() => new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength / 2)), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    /// <summary>Null: it is none.</summary>
    public static ApiToken? Read(string text) =>
        text.Length == Prefix.Length + IdLength + 1 + SecretLength && text.StartsWith(Prefix, StringComparison.Ordinal) && text[Prefix.Length + IdLength] == '_'
        && text.AsSpan(Prefix.Length, IdLength).IndexOfAnyExcept("0123456789abcdef") < 0
            ? new ApiToken(text.Substring(Prefix.Length, IdLength), text[^SecretLength..])
            : null;

    public byte[] Hash() => SHA256.HashData(Encoding.UTF8.GetBytes(Secret));

    public bool Proves(byte[] hash) => CryptographicOperations.FixedTimeEquals(Hash(), hash);

    /// <summary>The whole of it, to be shown once.</summary>
    public string Reveal() => $"{Prefix}{Id}_{Secret}";

    /// <summary>Without the secret.</summary>
    public override string ToString() => Prefix + Id;
}
