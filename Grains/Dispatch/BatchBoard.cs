using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Dispatch;

/// <summary>A sweep's batches as its coordinator knows them; the store decides, this only remembers.</summary>
internal sealed class BatchBoard
{
    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedSet<string>> _pendingByModel = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _leasedByModel = new(StringComparer.Ordinal);
    private readonly Dictionary<BatchStatus, int> _counts = [];

    public int Total => _entries.Count;

    /// <summary>(job, item) pairs in all batches.</summary>
    public long Rows { get; private set; }

    /// <summary>Of these, in completed batches or reported by running ones.</summary>
    public long RowsDone { get; private set; }

    /// <summary>Nothing is pending or leased.</summary>
    public bool AllEnded => Count(BatchStatus.Pending) + Count(BatchStatus.Leased) == 0;

    public int Count(BatchStatus status) => _counts.GetValueOrDefault(status);

    /// <summary>Takes a record of the store over, new or changed.</summary>
    public void Put(BatchRecord record)
    {
        var rowsReported = 0L;
        if (_entries.TryGetValue(record.Id, out var before))
        {
            Index(before, -1);
            rowsReported = before.Record.Token == record.Token ? before.RowsReported : 0;
        }

        var entry = new Entry(record, record.Status == BatchStatus.Completed ? record.Rows : Math.Min(rowsReported, record.Rows));
        _entries[record.Id] = entry;
        Index(entry, +1);
    }

    /// <summary>Id of the batch with the highest number, or null.</summary>
    public string? Last => _entries.Count == 0 ? null : _entries.Keys.Last();

    public BatchRecord? Find(string batchId) => _entries.TryGetValue(batchId, out var entry) ? entry.Record : null;

    /// <summary>
    /// The pending batch for a worker: of the model it holds, else of the model that the fewest workers run; within a model the first by number.
    /// </summary>
    public BatchRecord? Choose(string? residentModel)
    {
        if (residentModel is null || !_pendingByModel.ContainsKey(residentModel))
            residentModel = _pendingByModel.Keys.MinBy(model => _leasedByModel.GetValueOrDefault(model));
        return residentModel is null ? null : _entries[_pendingByModel[residentModel].Min!].Record;
    }

    public void Granted(Lease lease)
    {
        var record = _entries[lease.BatchId].Record;
        Put(record with { Status = BatchStatus.Leased, Token = lease.Token, WorkerId = lease.WorkerId, Attempts = record.Attempts + 1 });
    }

    /// <summary>Rows that the lease's worker recorded since its last report.</summary>
    public void Progressed(Lease lease, int rows)
    {
        if (!_entries.TryGetValue(lease.BatchId, out var entry) || entry.Record.Token != lease.Token || entry.Record.Status != BatchStatus.Leased)
            return;
        Index(entry, -1);
        entry = entry with { RowsReported = Math.Min(entry.Record.Rows, entry.RowsReported + rows) };
        _entries[lease.BatchId] = entry;
        Index(entry, +1);
    }

    /// <summary>The lease is over and the batch is in this status now.</summary>
    public void Ended(string batchId, long token, BatchStatus status, string? reason, bool failed)
    {
        if (!_entries.TryGetValue(batchId, out var entry) || entry.Record.Token != token || entry.Record.Status != BatchStatus.Leased)
            return;
        Put(entry.Record with { Status = status, Reason = reason, FailedAttempts = entry.Record.FailedAttempts + (failed ? 1 : 0) });
    }

    /// <summary>Batches set aside for good, with their reasons.</summary>
    public IEnumerable<BatchRecord> SetAside => _entries.Values.Select(entry => entry.Record).Where(record => record.Status is BatchStatus.Quarantined or BatchStatus.Faulted);

    private void Index(Entry entry, int sign)
    {
        var record = entry.Record;
        _counts[record.Status] = Count(record.Status) + sign;
        Rows += sign * record.Rows;
        RowsDone += sign * entry.RowsReported;
        if (record.Status == BatchStatus.Leased)
            _leasedByModel[record.WeightsHash] = _leasedByModel.GetValueOrDefault(record.WeightsHash) + sign;
        if (record.Status != BatchStatus.Pending)
            return;
        if (!_pendingByModel.TryGetValue(record.WeightsHash, out var pending))
            _pendingByModel.Add(record.WeightsHash, pending = new SortedSet<string>(StringComparer.Ordinal));
        if (sign > 0)
            pending.Add(record.Id);
        else
            pending.Remove(record.Id);
        if (pending.Count == 0)
            _pendingByModel.Remove(record.WeightsHash);
    }

    private readonly record struct Entry(BatchRecord Record, long RowsReported);
}
