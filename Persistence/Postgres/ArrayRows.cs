using Npgsql;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence.Postgres;

/// <summary>A few rows as one array a column, in one statement that leaves out what the ledger has.</summary>
internal sealed class ArrayRows(IReadOnlyList<KeyedRow> rows, long attempt) : PostgresRows(rows)
{
    private const string Insert = $"""
        INSERT INTO item_results ({Columns})
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::text[], $7::float8[], $8::int[], $9::text[], $10::int[], $11::int[], $12::int[],
            $13::int[], $14::float8[], $15::float8[], $16::float8[], $17::float8[], $18::float8[], $19::text[], $20::float8[])
        ORDER BY 1, 2 ON CONFLICT (job_key, item_key) DO NOTHING
        """;

    public override async Task<int> InsertAsync(StoreTransaction transaction, CancellationToken cancellationToken)
    {
        await using var insert = new NpgsqlCommand(Insert, (NpgsqlConnection)transaction.Connection, (NpgsqlTransaction)transaction.Transaction);
        Add(row => row.JobKey);
        Add(row => row.ItemKey);
        Add(_ => attempt);
        Add(row => row.Row.PromptHash);
        Add(row => row.Row.Response);
        Add(row => ResultRow.MetricsText(row.Row));
        Add(row => ResultRow.Finite(row.Row.LogLikelihood));
        Add(row => row.Row.LogLikelihoodTokens);
        Add(row => ResultRow.GoldsText(row.Row));
        Add(row => (int)row.Row.Flags);
        Add(row => row.Row.DivergedLayer);
        Add(row => row.Row.DivergedStep);
        Add(row => row.Row.Receipt.PositionsTouched);
        Add(row => ResultRow.Finite(row.Row.Receipt.OnTargetMinimum));
        Add(row => ResultRow.Finite(row.Row.Receipt.OnTargetMaximum));
        Add(row => ResultRow.Finite(row.Row.Receipt.OffTargetDeviation));
        Add(row => ResultRow.Finite(row.Row.Receipt.RelativeChange));
        Add(row => ResultRow.Finite(row.Row.Receipt.NextTokenKl));
        Add(row => ResultRow.PairMetricsText(row.Row));
        Add(row => ResultRow.Finite(row.Row.Pair?.LogLikelihood));
        return await insert.ExecuteNonQueryAsync(cancellationToken);

        void Add<T>(Func<KeyedRow, T> column) => insert.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. Rows.Select(column)] });
    }
}
