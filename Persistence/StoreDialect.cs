using System.Data.Common;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence;

/// <summary>What the databases do differently. Everything else is the same SQL and the same LINQ on each.</summary>
internal abstract class StoreDialect : IAsyncDisposable, IDisposable
{
    /// <summary>Appended to a SELECT whose rows are about to be changed.</summary>
    public abstract string ForUpdate { get; }

    /// <summary>SQL of the present moment in UTC microseconds since 1970. A database that several machines share has a clock that they share.</summary>
    public abstract string Now(TimeProvider time);

    /// <summary>A subquery of the texts in a JSON array.</summary>
    /// <param name="parameter">The parameter that holds the array.</param>
    public abstract string Texts(string parameter);

    /// <summary>A FROM item named r: the objects in a JSON array as rows.</summary>
    /// <param name="parameter">The parameter that holds the array.</param>
    /// <param name="columns">Name and SQL type of each member.</param>
    public abstract string Rows(string parameter, params (string Name, string Type)[] columns);

    /// <summary>The text of a member of a JSON object; null where there is none.</summary>
    /// <param name="json">A column.</param>
    /// <param name="path">Names, from the outside in.</param>
    public abstract string Member(string json, params string[] path);

    /// <summary>The number that a JSON object has under the name in a parameter; null where there is none.</summary>
    /// <param name="json">A column.</param>
    /// <param name="parameter">The parameter that holds the name.</param>
    public abstract string Number(string json, string parameter);

    /// <summary>A text column for ordinal comparison, whatever the database's collation.</summary>
    public abstract string Ordinal(string column);

    /// <summary>Waits until this process may write; disposing lets the next one in.</summary>
    public abstract ValueTask<IDisposable?> EnterAsync(CancellationToken cancellationToken);

    /// <summary>Before the transaction: what can be done for these rows without it.</summary>
    /// <param name="rows">Of one micro-batch.</param>
    /// <param name="attempt">The <see cref="AttemptMark"/> that they are written under.</param>
    /// <param name="cancellationToken">Ends the preparation.</param>
    public abstract Task<LedgerRows> PrepareAsync(IReadOnlyList<ItemResult> rows, long attempt, CancellationToken cancellationToken);

    /// <summary>A transaction that reads one moment's state and keeps nobody from writing.</summary>
    public abstract Task<IAsyncDisposable> BeginSnapshotAsync(SweepDbContext context, CancellationToken cancellationToken);

    /// <summary>First of a transaction that uses keys of jobs or items: they stay until its end.</summary>
    public abstract Task ShareKeysAsync(StoreTransaction transaction, CancellationToken cancellationToken);

    /// <summary>First of a transaction that removes jobs or items: nobody uses keys until its end.</summary>
    public abstract Task RemoveKeysAsync(StoreTransaction transaction, CancellationToken cancellationToken);

    /// <summary>First of a transaction that may take as long as it takes.</summary>
    public abstract Task TakeTimeAsync(StoreTransaction transaction, CancellationToken cancellationToken);

    /// <summary>Keys that this process remembers are no longer those of the database.</summary>
    public abstract void ForgetKeys();

    /// <summary>Whether the same transaction may work if it is tried again at once.</summary>
    /// <param name="exception">Why it did not.</param>
    /// <param name="tries">How often it was tried.</param>
    public abstract bool MayTryAgain(DbException exception, int tries);

    /// <summary>What a caller can do about it: <see cref="StoreUnavailableException"/> where waiting may help.</summary>
    public abstract Exception Explain(DbException exception);

    public abstract ValueTask DisposeAsync();

    public abstract void Dispose();
}
