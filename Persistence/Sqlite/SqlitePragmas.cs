using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Sweep.Persistence.Sqlite;

/// <summary>Write-ahead log (readers never wait for the writer) and patience with another writer, on every connection.</summary>
internal sealed class SqlitePragmas : DbConnectionInterceptor
{
    public static SqlitePragmas Instance { get; } = new();

    private const string Patience = "PRAGMA busy_timeout=10000;";
    private const string Writing = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; " + Patience;

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Of(connection);
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Of(connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>EF looks for a database through a read-only connection, which could not change the journal of one that is empty or another's.</summary>
    private static string Of(DbConnection connection) =>
        new SqliteConnectionStringBuilder(connection.ConnectionString).Mode == SqliteOpenMode.ReadOnly ? Patience : Writing;
}
