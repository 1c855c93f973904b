using System.Security.Cryptography;

namespace Sweep.Dashboard.Access;

/// <summary>Stamps of users, see <see cref="Persistence.Access.UserRecord.Stamp"/>.</summary>
internal static class Stamps
{
    public static string Create() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
