using System.Data.Common;
using Npgsql;
using Sweep.Contracts.Store;

namespace Sweep.Persistence.Postgres;

/// <summary>
/// What a server's refusal means. Whatever an operator can mend (a server that is away, full, read-only or misconfigured, a right that is missing) may be waited for and ends
/// no sweep; only what this program did wrong is a bug.
/// </summary>
internal static class PostgresErrors
{
    /// <summary>Classes of SQLSTATE that waiting may mend.</summary>
    private static readonly string[] Transient =
    [
        "08", // connection
        "25006", // read only: a standby, or a server that protects itself
        "25P03", // this transaction idled too long
        "28", // authorization: a password being changed
        "3D000", // no such database: being restored
        "3F000", // no such schema
        "40", // serialization failure, deadlock
        "42501", // permission denied
        "42P01", // no such table: being restored
        "53", // out of connections, memory, disk
        "55", // object in use, lock not available
        "57", // shutdown, crash, statement timeout
        "58", // input or output
    ];

    /// <summary>The meeting of two transactions, or a connection that broke: the next try may work at once.</summary>
    public static bool MayWorkAtOnce(DbException exception) => exception switch
    {
        PostgresException refused => refused.SqlState is "40001" or "40P01" or "57P01" or "57P02" or "25P03" || refused.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException lost => lost.InnerException is IOException,
        _ => false,
    };

    /// <summary>Orleans carries none of the driver's exceptions from one silo to another: what is thrown names code and text and holds none of them.</summary>
    public static Exception Explain(string place, DbException exception) => exception switch
    {
        PostgresException refused when Transient.Any(prefix => refused.SqlState.StartsWith(prefix, StringComparison.Ordinal)) =>
            new StoreUnavailableException($"the store {place} refused: {refused.SqlState} {refused.MessageText}", new IOException(refused.MessageText)),
        PostgresException refused => new InvalidOperationException($"the store {place} found a fault in a statement: {refused.SqlState} {refused.MessageText}"),
        _ => new StoreUnavailableException($"the store {place} did not answer: {Innermost(exception).Message}", new IOException(exception.Message)),
    };

    private static Exception Innermost(Exception exception) => exception.InnerException is { } inner ? Innermost(inner) : exception;
}
