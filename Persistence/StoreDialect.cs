using System.Data.Common;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Persistence;

/// <summary>What the databases do differently. Everything else is the same SQL and the same LINQ on each.</summary>
internal abstract class StoreDialect : IDisposable
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

    /// <summary>Waits until this process may write; disposing lets the next one in.</summary>
    public abstract ValueTask<IDisposable?> EnterAsync(CancellationToken cancellationToken);

    /// <summary>Inserts the rows that the ledger lacks, in one fixed order whoever writes; how many that were.</summary>
    public abstract Task<int> InsertResultsAsync(StoreTransaction transaction, IReadOnlyList<ItemResult> rows, CancellationToken cancellationToken);

    /// <summary>What a caller can do about it: <see cref="StoreUnavailableException"/> where waiting may help.</summary>
    public abstract Exception Explain(DbException exception);

    public virtual void Dispose()
    {
    }
}
