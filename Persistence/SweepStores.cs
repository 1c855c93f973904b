using Sweep.Contracts.Store;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Sqlite;

namespace Sweep.Persistence;

/// <summary>Opens and migrates the store that the settings name.</summary>
public static class SweepStores
{
    /// <summary>Opens it; disposing the store, which is asynchronously disposable, closes it.</summary>
    /// <exception cref="StoreSettingsException">The settings cannot work.</exception>
    /// <exception cref="IncompatibleStoreException">It holds no schema that this version can work on.</exception>
    /// <exception cref="StoreUnavailableException">The server does not answer.</exception>
    public static Task<ISweepStore> OpenAsync(StoreOptions options, CancellationToken cancellationToken, TimeProvider? time = null, ISweepEvents? events = null) => options.Provider switch
    {
        StoreProvider.Postgres => PostgresSweepStore.OpenAsync(options, cancellationToken, time, events),
        _ => SqliteSweepStore.OpenAsync(options.Path, cancellationToken, time, events),
    };

    /// <summary>Brings its schema up to date; the number of migrations applied.</summary>
    public static Task<int> MigrateAsync(StoreOptions options, CancellationToken cancellationToken) => options.Provider switch
    {
        StoreProvider.Postgres => PostgresSweepStore.MigrateAsync(options, cancellationToken),
        _ => SqliteSweepStore.MigrateAsync(options.Path, cancellationToken),
    };
}
