using Sweep.Contracts.Dispatch;

namespace Sweep.Grains.Dispatch;

/// <summary>
/// Leases that are out, with their expiry by the monotonic clock of this process. It decides only when a batch is given to another worker; that no two write is decided by the tokens in the store.
/// </summary>
internal sealed class LeaseTable(TimeProvider time)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public int Count => _entries.Count;

    public IEnumerable<Lease> All => _entries.Values.Select(entry => entry.Lease);

    /// <summary>Takes a lease up for a full term: one just granted, or one found in the store after a failover.</summary>
    public void Add(Lease lease) => _entries[lease.BatchId] = new Entry(lease, time.GetTimestamp());

    public Lease? Find(string batchId) => _entries.TryGetValue(batchId, out var entry) ? entry.Lease : null;

    /// <summary>Begins a new term. A lease that is over but not yet given back may still be renewed. False: not the newest one.</summary>
    public bool TryRenew(Lease lease)
    {
        if (!IsCurrent(lease.BatchId, lease.Token))
            return false;
        _entries[lease.BatchId] = new Entry(_entries[lease.BatchId].Lease, time.GetTimestamp());
        return true;
    }

    /// <summary>Forgets the lease. False: not the newest one.</summary>
    public bool TryRemove(string batchId, long token) => IsCurrent(batchId, token) && _entries.Remove(batchId);

    public bool IsCurrent(string batchId, long token) => _entries.TryGetValue(batchId, out var entry) && entry.Lease.Token == token;

    /// <summary>Leases whose term is over, and those of workers that are known to be gone; to be given back.</summary>
    public IReadOnlyList<Lease> Expired(Func<string, bool>? isWorkerGone = null) =>
        [.. _entries.Values
            .Where(entry => time.GetElapsedTime(entry.RenewedAt) >= TimeSpan.FromSeconds(entry.Lease.DurationSeconds) || isWorkerGone?.Invoke(entry.Lease.WorkerId) == true)
            .Select(entry => entry.Lease)
            .OrderBy(lease => lease.BatchId, StringComparer.Ordinal)];

    /// <summary>Time since the renewal of the lease that was renewed longest ago; zero without a lease.</summary>
    public TimeSpan OldestAge => _entries.Count == 0 ? TimeSpan.Zero : _entries.Values.Max(entry => time.GetElapsedTime(entry.RenewedAt));

    private readonly record struct Entry(Lease Lease, long RenewedAt);
}
