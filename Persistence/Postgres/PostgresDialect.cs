using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Sweep.Contracts.Results;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence.Postgres;

/// <summary>PostgreSQL: many writers in many processes; rows are locked in one order, and the server's clock is the one that all share.</summary>
internal sealed class PostgresDialect(NpgsqlDataSource source, string place, int retries) : StoreDialect
{
    private readonly PostgresKeys _keys = new(source);

    public override string ForUpdate => "FOR UPDATE";

    public override string Now(TimeProvider time) => "(extract(epoch from now()) * 1000000)::bigint";

    public override string Texts(string parameter) => $"SELECT json_array_elements_text({parameter}::json)";

    public override string Rows(string parameter, params (string Name, string Type)[] columns) =>
        $"json_to_recordset({parameter}::json) AS r({string.Join(", ", columns.Select(column => $"{column.Name} {column.Type}"))})";

    public override string Member(string json, params string[] path) => $"({json}::json #>> '{{{string.Join(',', path)}}}')";

    public override string Number(string json, string parameter) => $"({json}::json ->> {parameter})::double precision";

    public override string Ordinal(string column) => $"{column} COLLATE \"C\"";

    public override ValueTask<IDisposable?> EnterAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IDisposable?>(null);

    public override async Task<LedgerRows> PrepareAsync(IReadOnlyList<ItemResult> rows, long attempt, CancellationToken cancellationToken) =>
        PostgresRows.Of(await _keys.ResolveAsync(rows, cancellationToken), attempt);

    public override async Task<IAsyncDisposable> BeginSnapshotAsync(SweepDbContext context, CancellationToken cancellationToken) =>
        await context.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);

    public override Task ShareKeysAsync(StoreTransaction transaction, CancellationToken cancellationToken) => RunAsync(transaction, PostgresLocks.ShareKeys, cancellationToken);

    public override Task RemoveKeysAsync(StoreTransaction transaction, CancellationToken cancellationToken) => RunAsync(transaction, PostgresLocks.RemoveKeys, cancellationToken);

    public override Task TakeTimeAsync(StoreTransaction transaction, CancellationToken cancellationToken) => RunAsync(transaction, "SET LOCAL statement_timeout = 0", cancellationToken);

    public override void ForgetKeys() => _keys.Forget();

    public override bool MayTryAgain(DbException exception, int tries) => tries <= retries && PostgresErrors.MayWorkAtOnce(exception);

    public override Exception Explain(DbException exception) => PostgresErrors.Explain(place, exception);

    public override ValueTask DisposeAsync() => source.DisposeAsync();

    public override void Dispose() => source.Dispose();

    private static async Task RunAsync(StoreTransaction transaction, string statement, CancellationToken cancellationToken)
    {
        await using var command = transaction.LongCommand(statement);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
