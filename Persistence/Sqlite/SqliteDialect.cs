using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence.Sqlite;

/// <summary>SQLite: one writer at a time, so this process queues its own instead of letting the file refuse them.</summary>
internal sealed class SqliteDialect : StoreDialect
{
    private const int Error = 1;
    private const int Constraint = 19;
    private readonly SemaphoreSlim _writer = new(1, 1);

    public override string ForUpdate => "";

    public override string Now(TimeProvider time) => Microseconds.Of(time.GetUtcNow()).ToString(CultureInfo.InvariantCulture);

    public override string Texts(string parameter) => $"SELECT value FROM json_each({parameter})";

    public override string Rows(string parameter, params (string Name, string Type)[] columns) =>
        $"(SELECT {string.Join(", ", columns.Select(column => $"value ->> '{column.Name}' AS {column.Name}"))} FROM json_each({parameter})) r";

    public override string Member(string json, params string[] path) => $"({json} ->> '$.{string.Join('.', path)}')";

    public override string Number(string json, string parameter) => $"CAST({json} ->> {parameter} AS REAL)";

    public override string Ordinal(string column) => $"{column} COLLATE BINARY";

    public override async ValueTask<IDisposable?> EnterAsync(CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        return new Turn(_writer);
    }

    public override Task<LedgerRows> PrepareAsync(IReadOnlyList<ItemResult> rows, long attempt, CancellationToken cancellationToken) => Task.FromResult<LedgerRows>(new RowByRow(rows, attempt));

    public override async Task<IAsyncDisposable> BeginSnapshotAsync(SweepDbContext context, CancellationToken cancellationToken)
    {
        await context.Database.OpenConnectionAsync(cancellationToken);
        // Deferred: it becomes a reader at its first statement, and never a writer.
        var transaction = ((SqliteConnection)context.Database.GetDbConnection()).BeginTransaction(deferred: true);
        return (await context.Database.UseTransactionAsync(transaction, cancellationToken))!;
    }

    // A transaction that writes has the file alone.
    public override Task ShareKeysAsync(StoreTransaction transaction, CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task RemoveKeysAsync(StoreTransaction transaction, CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task TakeTimeAsync(StoreTransaction transaction, CancellationToken cancellationToken) => Task.CompletedTask;

    public override void ForgetKeys()
    {
    }

    public override bool MayTryAgain(DbException exception, int tries) => false;

    /// <summary>A statement that is wrong stays wrong; a file that is busy, full or away may come back.</summary>
    public override Exception Explain(DbException exception) => exception is SqliteException { SqliteErrorCode: Error or Constraint }
        ? new InvalidOperationException($"the store found a fault in a statement: {exception.Message}", exception)
        : new StoreUnavailableException($"the store did not answer: {exception.Message}", exception);

    public override ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public override void Dispose() => _writer.Dispose();

    private sealed class Turn(SemaphoreSlim writer) : IDisposable
    {
        public void Dispose() => writer.Release();
    }
}
