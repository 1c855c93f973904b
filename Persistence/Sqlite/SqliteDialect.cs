using System.Data.Common;
using System.Globalization;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence.Sqlite;

/// <summary>SQLite: one writer at a time, so this process queues its own instead of letting the file refuse them.</summary>
internal sealed class SqliteDialect : StoreDialect
{
    private readonly SemaphoreSlim _writer = new(1, 1);

    public override string ForUpdate => "";

    public override string Now(TimeProvider time) => Microseconds.Of(time.GetUtcNow()).ToString(CultureInfo.InvariantCulture);

    public override string Texts(string parameter) => $"SELECT value FROM json_each({parameter})";

    public override string Rows(string parameter, params (string Name, string Type)[] columns) =>
        $"(SELECT {string.Join(", ", columns.Select(column => $"value ->> '{column.Name}' AS {column.Name}"))} FROM json_each({parameter})) r";

    public override async ValueTask<IDisposable?> EnterAsync(CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        return new Turn(_writer);
    }

    public override Task<int> InsertResultsAsync(StoreTransaction transaction, IReadOnlyList<ItemResult> rows, CancellationToken cancellationToken) =>
        RowByRow.InsertAsync(transaction, rows, cancellationToken);

    public override Exception Explain(DbException exception) => new StoreUnavailableException($"the store did not answer: {exception.Message}", exception);

    public override void Dispose() => _writer.Dispose();

    private sealed class Turn(SemaphoreSlim writer) : IDisposable
    {
        public void Dispose() => writer.Release();
    }
}
