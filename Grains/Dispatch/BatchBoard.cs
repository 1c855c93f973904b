using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Dispatch;

/// <summary>A sweep's batches as its coordinator knows them; the store decides, this only remembers. Every call costs the same however many batches there are.</summary>
internal sealed class BatchBoard(string sweepId)
{
    /// <summary>By number; numbers that were left out are unknown.</summary>
    private readonly List<Slot> _slots = [];
    private readonly List<ModelQueue> _models = [];
    private readonly Dictionary<string, int> _modelIndex = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _workers = [];
    private readonly SortedDictionary<int, string?> _reasons = [];
    private readonly HashSet<int> _taken = [];
    private readonly int[] _counts = new int[Enum.GetValues<BatchStatus>().Length];

    public int Total { get; private set; }

    /// <summary>(job, item) pairs in all batches.</summary>
    public long Rows { get; private set; }

    /// <summary>Of these, in completed batches or reported by running ones.</summary>
    public long RowsDone { get; private set; }

    /// <summary>Nothing is pending or leased.</summary>
    public bool AllEnded => Count(BatchStatus.Pending) + Count(BatchStatus.Leased) == 0;

    /// <summary>Above every number in use.</summary>
    public int NextNumber => _slots.Count;

    /// <summary>A batch that is not handed out while it is the last one: those who watch its jobs would think that they end with it, though more batches of them are to come.</summary>
    public int? HeldBack { get; set; }

    /// <summary>Batches that can be handed out.</summary>
    public int Available => Count(BatchStatus.Pending) - _taken.Count - (HeldBack is { } number && IsWaiting(number) ? 1 : 0);

    /// <summary>Weights hashes of the models of what can be handed out.</summary>
    public IEnumerable<string> AvailableModels => _models.Where(model => First(model) is not null).Select(model => model.WeightsHash);

    /// <summary>One that can be handed out; null: none.</summary>
    public BatchRecord? Next => _models.Select(model => First(model)).OfType<int>().Select(Record).FirstOrDefault();

    /// <summary>Some batch was handed out before.</summary>
    public bool HasRun { get; private set; }

    public int Count(BatchStatus status) => _counts[(int)status];

    /// <summary>Takes a record of the store over, new or changed.</summary>
    public void Put(BatchRecord record)
    {
        var number = BatchIds.Number(record.Id);
        while (_slots.Count <= number)
            _slots.Add(default);
        var before = _slots[number];
        if (before.IsKnown)
            Index(number, before, -1);
        else
            Total++;
        var rowsReported = record.Status == BatchStatus.Completed ? record.Rows : before.IsKnown && before.Token == record.Token ? Math.Min(before.RowsReported, record.Rows) : 0;
        _slots[number] = new Slot
        {
            IsKnown = true,
            Status = record.Status,
            Token = record.Token,
            Attempts = record.Attempts,
            FailedAttempts = record.FailedAttempts,
            Model = ModelOf(record.WeightsHash),
            Rows = record.Rows,
            RowsReported = rowsReported,
        };
        HasRun |= record.Attempts > 0;
        if (record.Status == BatchStatus.Leased && record.WorkerId is { } workerId)
            _workers[number] = workerId;
        else
            _workers.Remove(number);
        if (record.Status is BatchStatus.Quarantined or BatchStatus.Faulted)
            _reasons[number] = record.Reason;
        else
            _reasons.Remove(number);
        Index(number, _slots[number], +1);
    }

    public BatchRecord? Find(string batchId)
    {
        var number = BatchIds.Number(batchId);
        return IsKnown(number) ? Record(number) : null;
    }

    /// <summary>
    /// Takes a pending batch for a worker, so that no other call does: of a model it holds, else of the model that the fewest workers run; within a model the first by number.
    /// It ends with <see cref="Granted"/>, <see cref="PutBack"/> or a new record.
    /// </summary>
    public BatchRecord? Take(Func<string, bool> holds)
    {
        ModelQueue? best = null;
        foreach (var model in _models)
        {
            if (First(model) is null)
                continue;
            if (holds(model.WeightsHash))
            {
                best = model;
                break;
            }

            if (best is null || model.Leased < best.Leased)
                best = model;
        }

        if (best is null)
            return null;
        var number = First(best)!.Value;
        best.Pending.Remove(number);
        _taken.Add(number);
        return Record(number);
    }

    /// <summary>The batch was not granted after all.</summary>
    public void PutBack(string batchId)
    {
        var number = BatchIds.Number(batchId);
        if (_taken.Remove(number) && _slots[number].Status == BatchStatus.Pending)
            _models[_slots[number].Model].Pending.Add(number);
    }

    public void Granted(Lease lease)
    {
        var record = Record(BatchIds.Number(lease.BatchId));
        Put(record with { Status = BatchStatus.Leased, Token = lease.Token, WorkerId = lease.WorkerId, Attempts = record.Attempts + 1 });
    }

    /// <summary>Rows that the lease's worker recorded since its last report.</summary>
    public void Progressed(Lease lease, int rows)
    {
        var number = BatchIds.Number(lease.BatchId);
        if (!IsLeased(number, lease.Token))
            return;
        var slot = _slots[number];
        var reported = Math.Min(slot.Rows, slot.RowsReported + rows);
        RowsDone += reported - slot.RowsReported;
        slot.RowsReported = reported;
        _slots[number] = slot;
    }

    /// <summary>The lease is over and the batch is in this status now. False: it was not under this lease.</summary>
    public bool Ended(string batchId, long token, BatchStatus status, string? reason, bool failed)
    {
        var number = BatchIds.Number(batchId);
        if (!IsLeased(number, token))
            return false;
        var record = Record(number);
        Put(record with { Status = status, Reason = reason, FailedAttempts = record.FailedAttempts + (failed ? 1 : 0) });
        return true;
    }

    /// <summary>A batch that was set aside is to run again, as if it had never failed.</summary>
    public void Retried(string batchId)
    {
        if (Find(batchId) is { Status: BatchStatus.Quarantined or BatchStatus.Faulted } record)
            Put(record with { Status = BatchStatus.Pending, Reason = null, WorkerId = null, FailedAttempts = 0 });
    }

    /// <summary>Batches set aside for good, with their reasons.</summary>
    public IEnumerable<BatchRecord> SetAside => _reasons.Keys.Select(Record);

    /// <summary>What was set aside, in words; null: nothing.</summary>
    public string? SetAsideNote => _reasons.Count == 0
        ? null
        : $"{Count(BatchStatus.Quarantined)} quarantined and {Count(BatchStatus.Faulted)} faulted of {Total} batches; first {SetAside.First().Id}: {SetAside.First().Reason}";

    private static int? First(ModelQueue model, int? heldBack) => model.Pending.Count == 0 || model.Pending.Min == heldBack ? null : model.Pending.Min;

    private int? First(ModelQueue model) => First(model, HeldBack);

    private bool IsKnown(int number) => number >= 0 && number < _slots.Count && _slots[number].IsKnown;

    private bool IsWaiting(int number) => IsKnown(number) && _slots[number].Status == BatchStatus.Pending && !_taken.Contains(number);

    private bool IsLeased(int number, long token) =>
        IsKnown(number) && _slots[number].Status == BatchStatus.Leased && _slots[number].Token == token;

    private int ModelOf(string weightsHash)
    {
        if (!_modelIndex.TryGetValue(weightsHash, out var index))
        {
            _modelIndex.Add(weightsHash, index = _models.Count);
            _models.Add(new ModelQueue(weightsHash));
        }

        return index;
    }

    private BatchRecord Record(int number)
    {
        var slot = _slots[number];
        return new BatchRecord
        {
            Id = BatchIds.Of(sweepId, number),
            Status = slot.Status,
            Token = slot.Token,
            Attempts = slot.Attempts,
            FailedAttempts = slot.FailedAttempts,
            WorkerId = _workers.GetValueOrDefault(number),
            Reason = _reasons.GetValueOrDefault(number),
            WeightsHash = _models[slot.Model].WeightsHash,
            Rows = slot.Rows,
        };
    }

    private void Index(int number, in Slot slot, int sign)
    {
        _counts[(int)slot.Status] += sign;
        Rows += sign * (long)slot.Rows;
        RowsDone += sign * (long)slot.RowsReported;
        var model = _models[slot.Model];
        if (slot.Status == BatchStatus.Leased)
            model.Leased += sign;
        if (slot.Status != BatchStatus.Pending)
            return;
        if (sign > 0)
            model.Pending.Add(number);
        else if (!_taken.Remove(number))
            model.Pending.Remove(number);
    }

    /// <summary>What is kept of every batch, also of those that ended long ago: small, because a sweep may have millions.</summary>
    private struct Slot
    {
        public long Token;
        public int Attempts;
        public int FailedAttempts;
        public int Model;
        public int Rows;
        public int RowsReported;
        public BatchStatus Status;
        public bool IsKnown;
    }

    private sealed class ModelQueue(string weightsHash)
    {
        public string WeightsHash { get; } = weightsHash;

        public SortedSet<int> Pending { get; } = [];

        public int Leased { get; set; }
    }
}
