using Sweep.Contracts.Store;
using Sweep.Persistence.Sqlite;

namespace Sweep.Cli.Running;

/// <summary>A store that is only read (another process may be writing it), and the sweeps in it by name.</summary>
internal sealed class StoredSweeps : IDisposable
{
    private readonly string _path;

    private StoredSweeps(string path, ISweepStore store)
    {
        _path = path;
        Store = store;
    }

    public ISweepStore Store { get; }

    public static async Task<StoredSweeps> OpenAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            throw new UsageException($"{path}: found no such store, expected one that 'sweep run' or 'sweep demo' has made (--store)");
        return new StoredSweeps(path, await SqliteSweepStore.OpenAsync(path, cancellationToken));
    }

    /// <summary>The sweep of this id or beginning of an id, or the latest.</summary>
    public async Task<SweepRecord> FindAsync(string? id, bool latest, CancellationToken cancellationToken)
    {
        if (id is null == !latest)
            throw new UsageException(latest ? "found a sweep and --latest, expected one of them" : "found neither a sweep's id nor --latest, expected one of them");
        var sweeps = await Store.ListSweepsAsync(cancellationToken);
        if (latest)
            return sweeps.Count > 0 ? sweeps[0] : throw new UsageException($"{_path}: found no sweep");
        if (sweeps.FirstOrDefault(sweep => sweep.Id == id) is { } exact)
            return exact;
        var matching = sweeps.Where(sweep => sweep.Id.StartsWith(id!, StringComparison.Ordinal)).ToArray();
        return matching.Length switch
        {
            1 => matching[0],
            0 => throw new UsageException($"{_path}: found no sweep '{id}', expected one of those that 'sweep list' names"),
            _ => throw new UsageException($"{_path}: found {matching.Length} sweeps that begin with '{id}' ({string.Join(", ", matching.Take(3).Select(sweep => sweep.Id))}), expected one"),
        };
    }

    public void Dispose() => (Store as IDisposable)?.Dispose();
}
