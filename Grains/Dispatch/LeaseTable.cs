using Sweep.Contracts.Dispatch;

namespace Sweep.Grains.Dispatch;

/// <summary>
/// Leases that are out, with their expiry by the monotonic clock of this process. It decides only when a batch is given to another worker; that no two write is decided by the tokens in the store.
/// </summary>
/// <param name="longestStep">
/// Most that counts between two looks at <see cref="Expired"/>: a process that hung, or waited for the store, could not hear its workers renew. Null: everything counts.
/// </param>
internal sealed class LeaseTable(TimeProvider time, TimeSpan? longestStep = null)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private TimeSpan _clock;
    private long _lookedAt = time.GetTimestamp();

    public int Count => _entries.Count;

    public IEnumerable<Lease> All => _entries.Values.Select(entry => entry.Lease);

    /// <summary>Time since the renewal of the lease that was renewed longest ago; zero without a lease.</summary>
    public TimeSpan OldestAge => _entries.Count == 0 ? TimeSpan.Zero : Now - _entries.Values.Min(entry => entry.RenewedAt);

    private TimeSpan Now
    {
        get
        {
            var step = time.GetElapsedTime(_lookedAt);
            return _clock + (step <= longestStep.GetValueOrDefault(TimeSpan.MaxValue) ? step : longestStep!.Value);
        }
    }

    /// <summary>Takes a lease up for a full term: one just granted, or one found in the store after a failover.</summary>
    public void Add(Lease lease) => _entries[lease.BatchId] = new Entry(lease, time.GetTimestamp(), Now);

    public Lease? Find(string batchId) => _entries.TryGetValue(batchId, out var entry) ? entry.Lease : null;

    /// <summary>A lease of this worker, or null.</summary>
    public Lease? FindOf(string workerId)
    {
        foreach (var entry in _entries.Values)
        {
            if (entry.Lease.WorkerId == workerId)
                return entry.Lease;
        }

        return null;
    }

    /// <summary>How long ago the lease was added.</summary>
    public TimeSpan AgeOf(string batchId) => _entries.TryGetValue(batchId, out var entry) ? time.GetElapsedTime(entry.AddedAt) : TimeSpan.Zero;

    /// <summary>Begins a new term. A lease that is over but not yet given back may still be renewed. False: not the newest one.</summary>
    public bool TryRenew(Lease lease)
    {
        if (!_entries.TryGetValue(lease.BatchId, out var entry) || entry.Lease.Token != lease.Token || entry.Lease.WorkerId != lease.WorkerId)
            return false;
        _entries[lease.BatchId] = entry with { RenewedAt = Now };
        return true;
    }

    /// <summary>Forgets the lease. False: not the newest one.</summary>
    public bool TryRemove(string batchId, long token) => IsCurrent(batchId, token) && _entries.Remove(batchId);

    public bool IsCurrent(string batchId, long token) => _entries.TryGetValue(batchId, out var entry) && entry.Lease.Token == token;

    /// <summary>Leases whose term is over, and those of workers that are known to be gone; to be given back.</summary>
    public IReadOnlyList<Lease> Expired(Func<string, bool>? isWorkerGone = null)
    {
        _clock = Now;
        _lookedAt = time.GetTimestamp();
        return
        [
            .. _entries.Values
                .Where(entry => _clock - entry.RenewedAt >= TimeSpan.FromSeconds(entry.Lease.DurationSeconds) || isWorkerGone?.Invoke(entry.Lease.WorkerId) == true)
                .Select(entry => entry.Lease)
                .OrderBy(lease => lease.BatchId, StringComparer.Ordinal),
        ];
    }

    private readonly record struct Entry(Lease Lease, long AddedAt, TimeSpan RenewedAt);
}
