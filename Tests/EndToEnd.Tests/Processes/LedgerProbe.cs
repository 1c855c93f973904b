using System.Globalization;
using System.Text.Json;
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

    /// <summary>Attempts that count against their batch: a worker that failed, or a lease that expired.</summary>
    public static long FailedAttempts(string store) => Number(store, "SELECT COALESCE(SUM(failed_attempts), 0) FROM batches");

    /// <summary>The attempts that have no end, because their process had none.</summary>
    public static IReadOnlyList<KilledAttempt> Killed(string store)
    {
        using var connection = Open(store);
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT batches.payload, (SELECT SUM(upTo.rows_accepted) FROM attempts AS upTo WHERE upTo.batch_id = attempts.batch_id AND upTo.token <= attempts.token)
            FROM attempts JOIN batches ON batches.id = attempts.batch_id WHERE attempts.ended_at IS NULL
            """;
        using var reader = command.ExecuteReader();
        var killed = new List<KilledAttempt>();
        while (reader.Read())
        {
            using var payload = JsonDocument.Parse(reader.GetString(0));
            var after = new List<long> { 0 };
            foreach (var microBatch in payload.RootElement.GetProperty("micro_batches").EnumerateArray())
                after.Add(after[^1] + (microBatch.GetProperty("item_count").GetInt64() * microBatch.GetProperty("job_count").GetInt64()));
            killed.Add(new KilledAttempt(after, reader.GetInt64(1)));
        }

        return killed;
    }

    private static long Number(string store, string query)
    {
        using var connection = Open(store);
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static SqliteConnection Open(string store)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = store, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 10 }.ToString());
        connection.Open();
        return connection;
    }
}

/// <summary>An attempt that a kill ended.</summary>
/// <param name="RowsAfterEachMicroBatch">Rows of its batch before the first micro-batch, after it, after the second, ...</param>
/// <param name="RowsRecorded">Rows of its batch that are recorded by this attempt and those before it.</param>
internal sealed record KilledAttempt(IReadOnlyList<long> RowsAfterEachMicroBatch, long RowsRecorded);
