using System.Diagnostics.CodeAnalysis;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;

namespace Sweep.Grains.Dispatch;

/// <summary>
/// Which sweep each worker serves. A turn is charged to its sweep in advance with what a batch of it usually takes, and settled when the worker comes back: shares are right while
/// work runs, not only after it.
/// </summary>
internal sealed class WorkerTurns(Func<string, double> ownerWeight, TimeProvider time)
{
    /// <summary>A batch of a sweep that does not know yet what one takes, seconds.</summary>
    private const double UnknownBatchSeconds = 1;

    /// <summary>A sweep that waits this long for its first turn asks a worker to make room.</summary>
    private static readonly TimeSpan YieldAfter = TimeSpan.FromSeconds(2);

    /// <summary>An idle worker asks once a second: one that is not heard of for so long is gone.</summary>
    private static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(30);

    /// <summary>Speeds that are remembered of models that no sweep wants now.</summary>
    private const int MaxSpeeds = 1_000;

    private readonly FairShare _share = new(ownerWeight);
    private readonly SortedDictionary<string, Worker> _workers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Model, string Kind), double> _speeds = [];
    private long _sequence;
    private string? _yielding;
    private long _yieldAsked;

    public IReadOnlyList<WorkerDescription> Workers => [.. _workers.Values.Select(worker => worker.Description)];

    /// <summary>The sweep this worker is to ask, or null.</summary>
    public string? Next(WorkerDescription description, TurnReport? last)
    {
        var worker = Seen(description);
        Settle(worker, last);
        if (_yielding == description.WorkerId)
            _yielding = null;
        if (_share.Choose(demand => CanServe(description, demand)) is not { } fair)
        {
            worker.IsIdle = true;
            return null;
        }

        var choice = Affine(worker, fair) ?? fair;
        worker.Delayed = choice != fair;
        worker.IsIdle = false;
        worker.Turn = new Turn(choice.Owner, choice.SweepId, choice.BatchSeconds ?? UnknownBatchSeconds, time.GetTimestamp(), ++_sequence);
        _share.Take(choice.SweepId, worker.Turn.Reserved, isFair: choice == fair);
        _queues[choice.SweepId].Running++;
        return choice.SweepId;
    }

    /// <summary>Takes an announcement over; the answer says which idle workers to wake.</summary>
    public IReadOnlyList<string> Announce(SweepDemand demand)
    {
        // Those of running sweeps are announced again.
        if (_speeds.Count > MaxSpeeds)
            _speeds.Clear();
        foreach (var speed in demand.Speeds)
            _speeds[(speed.Model, speed.DeviceKind)] = speed.MultiplyAddsPerSecond;
        var isNew = _share.Announce(demand);
        if (!_queues.TryGetValue(demand.SweepId, out var queue))
            _queues.Add(demand.SweepId, queue = new Queue());
        // A scheduler before this one gave the turns of work that runs already: their workers come back here.
        var inherited = isNew ? demand.Running : Math.Min(queue.Inherited, demand.Running);
        if (isNew)
            queue.InheritedSeconds = demand.BatchSeconds ?? UnknownBatchSeconds;
        _share.Charge(demand.Owner, demand.SweepId, (inherited - queue.Inherited) * queue.InheritedSeconds);
        queue.Inherited = inherited;
        queue.Announced = ++_sequence;
        queue.DryKinds.Clear();
        queue.WaitsSince = demand.HasPendingWork ? queue.WaitsSince ?? time.GetTimestamp() : null;
        return demand.HasPendingWork ? Wake(demand) : [];
    }

    public void Withdraw(string sweepId)
    {
        _share.Withdraw(sweepId);
        _queues.Remove(sweepId);
    }

    /// <summary>Forgets workers that are gone; their turns are charged as long as they lasted.</summary>
    /// <param name="isGone">Whether a worker's silo is known to have ended; null: nothing is known of it.</param>
    public void ForgetGone(Func<string, bool?> isGone)
    {
        foreach (var (id, worker) in _workers.ToList())
        {
            var isSilent = time.GetElapsedTime(worker.LastSeen) > SilentAfter;
            if (isGone(id) is not { } gone)
                gone = isSilent;
            if (!gone && !(worker.Turn is null && isSilent))
                continue;
            if (worker.Turn is { } turn)
                Settle(worker, new TurnReport { SweepId = turn.SweepId, Served = true, DeviceSeconds = time.GetElapsedTime(turn.Since).TotalSeconds });
            _workers.Remove(id);
        }
    }

    /// <summary>Charges what turns have taken beyond what they were expected to, so that a sweep whose batches grow does not get ahead while they run.</summary>
    public void Accrue()
    {
        foreach (var worker in _workers.Values)
        {
            if (worker.Turn is not { } turn)
                continue;
            var taken = time.GetElapsedTime(turn.Since).TotalSeconds;
            if (taken <= turn.Reserved)
                continue;
            _share.Charge(turn.Owner, turn.SweepId, taken - turn.Reserved);
            worker.Turn = turn with { Reserved = taken };
        }
    }

    /// <summary>A worker that is to give its batch back, because a sweep would be next there that waits for its very first turn while everything is taken.</summary>
    public bool TryYield([NotNullWhen(true)] out string? workerId, [NotNullWhen(true)] out string? sweepId)
    {
        (workerId, sweepId) = (null, null);
        if (_yielding is not null && time.GetElapsedTime(_yieldAsked) < TimeSpan.FromSeconds(10))
            return false;
        foreach (var kind in _workers.Values.Select(worker => worker.Description.DeviceKind).Distinct(StringComparer.Ordinal))
        {
            if (_share.Choose(demand => CanServe(kind, demand)) is not { HasRun: false } first)
                continue;
            var queue = _queues[first.SweepId];
            if (queue.Running + queue.Inherited > 0 || queue.WaitsSince is not { } since || time.GetElapsedTime(since) < YieldAfter)
                continue;
            var longest = _workers.Values.Where(worker => worker.Description.DeviceKind == kind && worker.Turn is not null && CanServe(worker.Description, first)).MinBy(worker => worker.Turn!.Sequence);
            if (longest is null)
                continue;
            (workerId, sweepId) = (longest.Description.WorkerId, longest.Turn!.SweepId);
            (_yielding, _yieldAsked) = (workerId, time.GetTimestamp());
            return true;
        }

        return false;
    }

    /// <summary>What there is to run this sweep with.</summary>
    public ClusterCapacity Capacity(SweepDemand demand) => new()
    {
        Devices =
        [
            .. _workers.Values.GroupBy(worker => worker.Description.DeviceKind, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => new DeviceGroup
            {
                DeviceKind = group.Key,
                Workers = group.Count(),
                MemoryBytes = group.Min(worker => worker.Description.Facts?.MemoryBytes ?? 0),
            }),
        ],
        Speeds =
        [
            .. _speeds.Where(pair => demand.Models.Contains(pair.Key.Model))
                .Select(pair => new DeviceSpeed { Model = pair.Key.Model, DeviceKind = pair.Key.Kind, MultiplyAddsPerSecond = pair.Value }),
        ],
    };

    /// <summary>A sweep of a loaded model instead of the fair choice, which needs another; never twice in a row, and never before a sweep that has not had a turn.</summary>
    private SweepDemand? Affine(Worker worker, SweepDemand fair)
    {
        if (worker.Delayed || !fair.HasRun || fair.Models.Count == 0 || fair.Models.Any(worker.Description.Holds))
            return null;
        return _share.Choose(demand => CanServe(worker.Description, demand) && demand.Models.Any(worker.Description.Holds));
    }

    private bool CanServe(WorkerDescription worker, SweepDemand demand) => CanServe(worker.DeviceKind, demand) && !worker.Fetching.Contains(demand.SweepId);

    private bool CanServe(string kind, SweepDemand demand) =>
        (demand.DeviceKind is null || kind.Length == 0 || demand.DeviceKind == kind) && !_queues[demand.SweepId].DryKinds.Contains(kind);

    private Worker Seen(WorkerDescription description)
    {
        if (!_workers.TryGetValue(description.WorkerId, out var worker))
            _workers.Add(description.WorkerId, worker = new Worker { Description = description });
        worker.Description = description;
        worker.LastSeen = time.GetTimestamp();
        return worker;
    }

    private void Settle(Worker worker, TurnReport? last)
    {
        var turn = worker.Turn;
        worker.Turn = null;
        if (turn is not null)
        {
            _share.Charge(turn.Owner, turn.SweepId, -turn.Reserved);
            if (_queues.TryGetValue(turn.SweepId, out var given))
                given.Running--;
        }

        // A report on another turn than the one given last was settled before; its answer was lost on the way.
        if (last is null || (turn is not null && turn.SweepId != last.SweepId))
            return;
        var isKnown = _queues.TryGetValue(last.SweepId, out var queue);
        if ((turn?.Owner ?? _share.Find(last.SweepId)?.Owner) is { } owner)
        {
            _share.Charge(owner, last.SweepId, last.DeviceSeconds);
            if (isKnown && turn is null && last.Served && queue!.Inherited > 0)
            {
                queue.Inherited--;
                _share.Charge(owner, last.SweepId, -queue.InheritedSeconds);
            }
        }

        // Announced again since the turn was given: it has work after all.
        if (isKnown && !last.Served && turn is not null && turn.Sequence > queue!.Announced)
            queue.DryKinds.Add(worker.Description.DeviceKind);
    }

    private List<string> Wake(SweepDemand demand)
    {
        var idle = _workers.Values.Where(worker => worker.IsIdle && CanServe(worker.Description, demand))
            .OrderByDescending(worker => demand.Models.Any(worker.Description.Holds)).Take(Math.Max(1, demand.Pending)).ToList();
        foreach (var worker in idle)
            worker.IsIdle = false;
        return [.. idle.Select(worker => worker.Description.WorkerId)];
    }

    private sealed class Worker
    {
        public required WorkerDescription Description { get; set; }

        public long LastSeen { get; set; }

        /// <summary>Found no work and was not woken since.</summary>
        public bool IsIdle { get; set; }

        /// <summary>Its last turn went to a loaded model instead of the fair choice.</summary>
        public bool Delayed { get; set; }

        public Turn? Turn { get; set; }
    }

    private sealed record Turn(string Owner, string SweepId, double Reserved, long Since, long Sequence);

    /// <summary>What is known of a sweep beside its demand.</summary>
    private sealed class Queue
    {
        /// <summary>When, in the order of announcements and turns.</summary>
        public long Announced { get; set; }

        public long? WaitsSince { get; set; }

        public int Running { get; set; }

        public int Inherited { get; set; }

        public double InheritedSeconds { get; set; }

        /// <summary>Kinds of workers that were sent away since the last announcement.</summary>
        public HashSet<string> DryKinds { get; } = new(StringComparer.Ordinal);
    }
}
