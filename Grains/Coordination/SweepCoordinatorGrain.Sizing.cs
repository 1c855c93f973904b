using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Grains.Dispatch;

namespace Sweep.Grains.Coordination;

/// <summary>How much is cut ahead, and how large.</summary>
internal sealed partial class SweepCoordinatorGrain
{
    private readonly SpeedMeter _speeds = new();
    private readonly BatchSizer _sizer = new(planning.Value);

    /// <summary>Multiply-adds of a (job, item) pair of the batches that are not at their end, by number.</summary>
    private readonly Dictionary<int, double> _workOfPair = [];
    private ResolvedPlan? _resolved;
    private ClusterCapacity? _capacity;
    private long _rowsCut;
    private double? _batchSeconds;
    private double _leaseSeconds;

    /// <summary>Work and recording so far under each lease, seconds by batch.</summary>
    private readonly Dictionary<string, double> _busySeconds = new(StringComparer.Ordinal);

    /// <summary>"cpu" of "cpu/1": who computes otherwise gives other numbers. Null: not resolved yet.</summary>
    private string? DeviceKind => _resolved is { } resolved ? NumericsIds.KindOf(resolved.NumericsId) : null;

    private DeviceSupply Devices
    {
        get
        {
            var group = _capacity?.Devices.FirstOrDefault(devices => devices.DeviceKind == DeviceKind);
            return new DeviceSupply(Math.Max(1, group?.Workers ?? 1), IsAccelerator: DeviceKind is not (null or "cpu"), group?.MemoryBytes ?? 0);
        }
    }

    private string? Hindrance =>
        _state is SweepState.Expanding or SweepState.Running && _capacity is { Devices.Count: > 0 } capacity && DeviceKind is { } kind
            && capacity.Devices.All(devices => devices.DeviceKind != kind && devices.DeviceKind.Length > 0)
            ? $"no worker has a device of kind '{kind}', found {string.Join(", ", capacity.Devices.Select(devices => $"{devices.Workers} of kind '{devices.DeviceKind}'"))}"
            : null;

    /// <summary>More batches are to be made: a worker that comes soon would find none.</summary>
    private bool WantsBatches => _expansion is { IsComplete: false } expansion && _board.Available < _sizer.Ahead(SpeedOf(expansion.Cutter.Model), Devices.Workers);

    /// <summary>Every batch that there will be is at its end.</summary>
    private bool HasAllEnded => _expansion is { IsComplete: true } && _board.AllEnded;

    private long RowsDone => _state is SweepState.Running or SweepState.Paused or SweepState.Completed
        ? Math.Max(0, (_expansion is { IsComplete: false } ? _rowsCut : _rowsTotal) - _board.Rows) + _board.RowsDone
        : 0;

    /// <summary>What the next batch will hold a device; null: no batch waits, or its model's speed is not known.</summary>
    private double? NextBatchSeconds =>
        _resolved is not null && _board.Next is { } next && _workOfPair.TryGetValue(BatchIds.Number(next.Id), out var work) && _speeds.Of(next.WeightsHash) is { } speed
            ? (work * next.Rows / speed) + _leaseSeconds
            : null;

    private BatchSizing NextSizing()
    {
        var cutter = _expansion!.Cutter;
        return _sizer.Next(cutter.WorkLeft, cutter.Model, [.. Enumerable.Range(0, _resolved!.Models.Count).Select(SpeedOf)], Devices, _leaseSeconds, _board.Count(BatchStatus.Pending) + _board.Count(BatchStatus.Leased));
    }

    private double? SpeedOf(int model)
    {
        var hash = _resolved!.Models[model].WeightsHash;
        return _speeds.Of(hash) ?? _capacity?.Speeds.FirstOrDefault(speed => speed.Model == hash && speed.DeviceKind == DeviceKind)?.MultiplyAddsPerSecond;
    }

    private void OnCut(BatchCut cut)
    {
        _rowsCut += cut.Pairs;
        if (cut.Pairs > 0)
            _workOfPair[cut.Number] = cut.Work / cut.Pairs;
    }

    private void OnWritten(IReadOnlyList<JobBatch> batches)
    {
        foreach (var batch in batches)
        {
            if (_board.Find(batch.Id) is not null)
                continue;
            _board.Put(new BatchRecord
            {
                Id = batch.Id,
                Status = BatchStatus.Pending,
                Token = 0,
                Attempts = 0,
                FailedAttempts = 0,
                WeightsHash = batch.Jobs[0].Identity.WeightsHash,
                Rows = batch.Rows,
            });
        }

        _board.HeldBack = _expansion?.Unfinished;
    }

    /// <summary>What a micro-batch and its recording took says how fast this model runs.</summary>
    private void Measure(BatchDigest digest)
    {
        var batchId = digest.Lease.BatchId;
        if (_leases.IsCurrent(batchId, digest.Lease.Token))
            _busySeconds[batchId] = _busySeconds.GetValueOrDefault(batchId) + digest.DeviceSeconds + digest.RecordSeconds;
        var rows = digest.Rows + digest.SharedRows;
        if (rows > 0 && _workOfPair.TryGetValue(BatchIds.Number(batchId), out var work) && _board.Find(batchId) is { } record)
            _speeds.Add(record.WeightsHash, work * rows, digest.DeviceSeconds + digest.RecordSeconds);
    }

    /// <summary>What a completed batch took in all, and how much of that was neither work nor recording.</summary>
    private void MeasureCompleted(Lease lease)
    {
        if (!_leases.IsCurrent(lease.BatchId, lease.Token) || !_busySeconds.TryGetValue(lease.BatchId, out var busy))
            return;
        var all = _leases.AgeOf(lease.BatchId).TotalSeconds;
        var beside = Math.Max(0, all - busy);
        // What is far above the usual had its model loaded first, and says little.
        _leaseSeconds = _batchSeconds is null ? beside : _leaseSeconds + 0.1 * (Math.Min(beside, 4 * _leaseSeconds) - _leaseSeconds);
        _batchSeconds = _batchSeconds is { } mean ? 0.8 * mean + 0.2 * all : all;
    }

    private IReadOnlyList<DeviceSpeed> MeasuredSpeeds() => DeviceKind is { } kind
        ? [.. _speeds.Known.Select(model => new DeviceSpeed { Model = model, DeviceKind = kind, MultiplyAddsPerSecond = _speeds.Of(model)!.Value })]
        : [];
}
