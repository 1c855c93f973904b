using Npgsql;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence.Postgres;

/// <summary>Ledger rows for PostgreSQL, whose jobs and items are known by their keys.</summary>
/// <remarks>
/// The ledger has no foreign keys to jobs and items: PostgreSQL checks them row by row, with a lock each. Instead a writer shares a lock with the other
/// writers, which what removes keys takes alone, and sees each key once under it.
/// </remarks>
internal abstract class PostgresRows(IReadOnlyList<KeyedRow> rows) : LedgerRows
{
    protected const string Columns = """
        job_key, item_key, attempt, prompt_hash, response, metrics, log_likelihood, log_likelihood_tokens, gold_log_likelihoods, flags, diverged_layer, diverged_step,
        positions_touched, on_target_minimum, on_target_maximum, off_target_deviation, relative_change, next_token_kl, pair_metrics, pair_log_likelihood
        """;

    /// <summary>Up to so many rows go as arrays, with fewer questions to the server; more are copied, with less work for each.</summary>
    private const int Few = 128;

    private const string CountKeys = "SELECT (SELECT count(*) FROM jobs WHERE key = ANY($1)) + (SELECT count(*) FROM items WHERE key = ANY($2))";

    protected IReadOnlyList<KeyedRow> Rows => rows;

    /// <summary>What is to be there before rows come; null: nothing.</summary>
    protected virtual string? Preparation => null;

    public static PostgresRows Of(IReadOnlyList<KeyedRow> rows, long attempt) => rows.Count <= Few ? new ArrayRows(rows, attempt) : new StagedRows(rows, attempt);

    public override async Task BeginAsync(StoreTransaction transaction, CancellationToken cancellationToken)
    {
        long[] jobs = [.. rows.Select(row => row.JobKey).Distinct()];
        long[] items = [.. rows.Select(row => row.ItemKey).Distinct()];
        await using var batch = new NpgsqlBatch((NpgsqlConnection)transaction.Connection, (NpgsqlTransaction)transaction.Transaction)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(PostgresLocks.ShareKeys),
                new NpgsqlBatchCommand(CountKeys) { Parameters = { new NpgsqlParameter<long[]> { TypedValue = jobs }, new NpgsqlParameter<long[]> { TypedValue = items } } },
            },
        };
        if (Preparation is { } preparation)
            batch.BatchCommands.Add(new NpgsqlBatchCommand(preparation));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        // The lock's row first, then the count.
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        if (reader.GetInt64(0) != jobs.Length + items.Length)
            throw new StaleKeysException();
    }
}
