namespace Sweep.Persistence.Ledger;

/// <summary>Rows that are ready to go into the ledger.</summary>
internal abstract class LedgerRows
{
    /// <summary>First of the transaction.</summary>
    /// <exception cref="StaleKeysException">The rows name a job or an item that was removed since.</exception>
    public virtual Task BeginAsync(StoreTransaction transaction, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Inserts those that the ledger lacks, in one order whoever writes; how many that were.</summary>
    public abstract Task<int> InsertAsync(StoreTransaction transaction, CancellationToken cancellationToken);
}

/// <summary>Keys that this process remembered are no longer those of the database.</summary>
internal sealed class StaleKeysException() : Exception("an item or a job was removed while its results were recorded");
