using System.Globalization;

namespace Sweep.Persistence.Postgres;

/// <summary>The advisory locks of a store. They end with their transaction or their session, however that ends.</summary>
internal static class PostgresLocks
{
    /// <summary>"swee" and a number: advisory locks are the whole database's.</summary>
    private const long Keys = 0x7377656500000001;

    private const long Schema = 0x7377656500000002;

    /// <summary>Held together by all that write ledger rows: no key of a job or an item goes away meanwhile.</summary>
    public static string ShareKeys { get; } = string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock_shared({Keys})");

    /// <summary>Held alone by what removes jobs or items.</summary>
    public static string RemoveKeys { get; } = string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock({Keys})");

    /// <summary>Held alone, until the session ends, by what changes the schema.</summary>
    public static string ChangeSchema { get; } = string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_lock({Schema})");
}
