using Sweep.Contracts.Store;

namespace Sweep.Persistence.Queries;

/// <summary>The queries of a store.</summary>
public static class SweepQueries
{
    /// <summary>What this store answers; those that this library opens answer queries.</summary>
    /// <exception cref="ArgumentException">It answers none.</exception>
    public static ISweepQueries Queries(this ISweepStore store) =>
        store as ISweepQueries ?? throw new ArgumentException($"found a store of type {store.GetType().Name}, expected one that answers queries, as those of Sweep.Persistence do", nameof(store));
}
