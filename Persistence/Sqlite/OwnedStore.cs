using Sweep.Contracts.Store;

namespace Sweep.Persistence.Sqlite;

/// <summary>A SQLite store that this process alone works on, from its first look at it until it is disposed.</summary>
public sealed class OwnedStore : IDisposable
{
    private readonly StoreLock _lock;

    private OwnedStore(string path, ISweepStore store, StoreLock storeLock)
    {
        Path = path;
        Store = store;
        _lock = storeLock;
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    public ISweepStore Store { get; }

    /// <summary>Locks the file, opens it, and takes back what is leased: nobody else runs anything of it, so a process that was killed left that.</summary>
    /// <exception cref="StoreInUseException">Another process works on it.</exception>
    /// <exception cref="IncompatibleStoreException">It is no store, or one of a newer version.</exception>
    public static async Task<OwnedStore> OpenAsync(string path, CancellationToken cancellationToken, ISweepEvents? events = null)
    {
        var full = StoreFile.Prepare(path);
        var storeLock = StoreLock.Take(full);
        try
        {
            var store = await SqliteSweepStore.OpenAsync(full, cancellationToken, events: events);
            await store.VoidLeasesAsync(cancellationToken);
            return new(full, store, storeLock);
        }
        catch
        {
            storeLock.Dispose();
            throw;
        }
    }

    public void Dispose() => _lock.Dispose();
}
