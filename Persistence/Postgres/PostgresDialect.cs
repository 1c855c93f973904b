using System.Data.Common;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence.Postgres;

/// <summary>PostgreSQL: many writers in many processes; rows are locked in one order, and the server's clock is the one that all share.</summary>
internal sealed class PostgresDialect : StoreDialect
{
    public override string ForUpdate => "FOR UPDATE";

    public override string Now(TimeProvider time) => "(extract(epoch from now()) * 1000000)::bigint";

    public override string Texts(string parameter) => $"SELECT json_array_elements_text({parameter}::json)";

    public override string Rows(string parameter, params (string Name, string Type)[] columns) =>
        $"json_to_recordset({parameter}::json) AS r({string.Join(", ", columns.Select(column => $"{column.Name} {column.Type}"))})";

    public override ValueTask<IDisposable?> EnterAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IDisposable?>(null);

    public override Task<int> InsertResultsAsync(StoreTransaction transaction, IReadOnlyList<ItemResult> rows, CancellationToken cancellationToken) =>
        RowByRow.InsertAsync(transaction, rows, cancellationToken);

    public override Exception Explain(DbException exception) => new StoreUnavailableException($"the store did not answer: {exception.Message}", exception);
}
