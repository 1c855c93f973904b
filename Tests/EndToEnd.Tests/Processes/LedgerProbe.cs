using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Sweep.EndToEnd.Tests.Processes;

/// <summary>Looks into a store that another process writes.</summary>
internal static class LedgerProbe
{
    /// <summary>Rows in the ledger; 0 while there is none.</summary>
    public static long Rows(string store)
    {
        if (!File.Exists(store))
            return 0;
        try
        {
            return Number(store, "SELECT COUNT(*) FROM item_results");
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is 5 or 14 || exception.Message.Contains("no such table", StringComparison.Ordinal))
        {
            // Busy, or being made.
            return 0;
        }
    }

    /// <summary>Rows that were computed though the ledger held them.</summary>
    public static long Shared(string store) => Number(store, "SELECT COALESCE(SUM(rows_shared), 0) FROM attempts");

    public static long Accepted(string store) => Number(store, "SELECT COALESCE(SUM(rows_accepted), 0) FROM attempts");

    public static long Attempts(string store) => Number(store, "SELECT COUNT(*) FROM attempts");

    public static long Batches(string store) => Number(store, "SELECT COUNT(*) FROM batches");

    private static long Number(string store, string query)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = store, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 10 }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
