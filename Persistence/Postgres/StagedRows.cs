using Npgsql;
using NpgsqlTypes;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence.Postgres;

/// <summary>By binary COPY into a table of this session, and from there in one statement that leaves out what the ledger has. COPY itself cannot leave anything out.</summary>
internal sealed class StagedRows(IReadOnlyList<KeyedRow> rows, long attempt) : PostgresRows(rows)
{
    private const string Copy = $"COPY item_results_staged ({Columns}) FROM STDIN (FORMAT BINARY)";

    private const string Insert =
        $"INSERT INTO item_results ({Columns}) SELECT {Columns} FROM item_results_staged ORDER BY job_key, item_key ON CONFLICT (job_key, item_key) DO NOTHING";

    protected override string Preparation => "CREATE TEMPORARY TABLE IF NOT EXISTS item_results_staged (LIKE item_results) ON COMMIT DELETE ROWS";

    public override async Task<int> InsertAsync(StoreTransaction transaction, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)transaction.Connection;
        await using (var writer = await connection.BeginBinaryImportAsync(Copy, cancellationToken))
        {
            foreach (var row in Rows)
                await WriteAsync(writer, row, cancellationToken);
            await writer.CompleteAsync(cancellationToken);
        }

        await using var insert = transaction.Command(Insert);
        return await insert.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task WriteAsync(NpgsqlBinaryImporter writer, KeyedRow keyed, CancellationToken cancellationToken)
    {
        var row = keyed.Row;
        await writer.StartRowAsync(cancellationToken);
        await writer.WriteAsync(keyed.JobKey, NpgsqlDbType.Bigint, cancellationToken);
        await writer.WriteAsync(keyed.ItemKey, NpgsqlDbType.Bigint, cancellationToken);
        await writer.WriteAsync(attempt, NpgsqlDbType.Bigint, cancellationToken);
        await writer.WriteAsync(row.PromptHash, NpgsqlDbType.Text, cancellationToken);
        await OptionalAsync(row.Response, NpgsqlDbType.Bytea);
        await writer.WriteAsync(ResultRow.MetricsText(row), NpgsqlDbType.Text, cancellationToken);
        await NumberAsync(row.LogLikelihood);
        await CountAsync(row.LogLikelihoodTokens);
        await OptionalAsync(ResultRow.GoldsText(row), NpgsqlDbType.Text);
        await writer.WriteAsync((int)row.Flags, NpgsqlDbType.Integer, cancellationToken);
        await CountAsync(row.DivergedLayer);
        await CountAsync(row.DivergedStep);
        await writer.WriteAsync(row.Receipt.PositionsTouched, NpgsqlDbType.Integer, cancellationToken);
        await NumberAsync(row.Receipt.OnTargetMinimum);
        await NumberAsync(row.Receipt.OnTargetMaximum);
        await NumberAsync(row.Receipt.OffTargetDeviation);
        await NumberAsync(row.Receipt.RelativeChange);
        await NumberAsync(row.Receipt.NextTokenKl);
        await OptionalAsync(ResultRow.PairMetricsText(row), NpgsqlDbType.Text);
        await NumberAsync(row.Pair?.LogLikelihood);

        Task OptionalAsync<T>(T? value, NpgsqlDbType type)
            where T : class => value is null ? writer.WriteNullAsync(cancellationToken) : writer.WriteAsync(value, type, cancellationToken);

        Task NumberAsync(double? value) =>
            ResultRow.Finite(value) is { } number ? writer.WriteAsync(number, NpgsqlDbType.Double, cancellationToken) : writer.WriteNullAsync(cancellationToken);

        Task CountAsync(int? value) => value is { } number ? writer.WriteAsync(number, NpgsqlDbType.Integer, cancellationToken) : writer.WriteNullAsync(cancellationToken);
    }
}
