using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Sweep.Contracts.Diagnostics;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Workers;

/// <summary>What the workers of this silo did.</summary>
internal sealed class WorkerMetrics
{
    private readonly ConcurrentDictionary<string, double> _tokensPerSecond = new(StringComparer.Ordinal);
    private readonly Counter<long> _rows;
    private readonly Counter<long> _lateWrites;
    private readonly Counter<long> _tokens;
    private readonly Counter<double> _busy;
    private readonly Counter<long> _batches;
    private readonly Histogram<double> _grants;

    public WorkerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(SweepMeters.Workers);
        _rows = meter.CreateCounter<long>("sweep.rows", "{row}", "Ledger rows: accepted are new, shared were recorded before");
        _lateWrites = meter.CreateCounter<long>("sweep.late_writes", "{row}", "Rows that came under a stale token; nothing of them was written");
        _tokens = meter.CreateCounter<long>("sweep.tokens", "{token}", "Tokens whose activations were asked for, in recorded micro-batches");
        _busy = meter.CreateCounter<double>("sweep.device.busy", "s", "Device time of recorded micro-batches");
        _batches = meter.CreateCounter<long>("sweep.batches.ended", "{batch}", "Leases that workers ended, by the batch's status then; pending: given back");
        _grants = meter.CreateHistogram<double>("sweep.grant.duration", "s", "From a worker's question which sweep to serve to the grant of a lease");
        meter.CreateObservableGauge(
            "sweep.tokens_per_second",
            () => _tokensPerSecond.Select(pair => new Measurement<double>(pair.Value, Device(pair.Key))),
            "{token}/s",
            "Speed of the last micro-batch of each device");
    }

    /// <summary>Nothing has happened yet: the series exist from now on.</summary>
    public void OnStarted(string device)
    {
        _rows.Add(0, Device(device), new("outcome", "accepted"));
        _rows.Add(0, Device(device), new("outcome", "shared"));
        _lateWrites.Add(0, Device(device));
        _tokens.Add(0, Device(device));
        _busy.Add(0, Device(device));
        _tokensPerSecond[device] = 0;
    }

    public void OnRecorded(string device, MicroBatchResult result, RecordOutcome outcome)
    {
        _rows.Add(outcome.Accepted, Device(device), new("outcome", "accepted"));
        _rows.Add(outcome.Shared, Device(device), new("outcome", "shared"));
        _tokens.Add(result.Tokens, Device(device));
        _busy.Add(result.DeviceSeconds, Device(device));
        if (result.DeviceSeconds > 0)
            _tokensPerSecond[device] = result.Tokens / result.DeviceSeconds;
    }

    public void OnGranted(string device, TimeSpan duration) => _grants.Record(duration.TotalSeconds, Device(device));

    public void OnLateWrite(string device, int rows) => _lateWrites.Add(rows, Device(device));

    public void OnEnded(string device, BatchStatus status) => _batches.Add(1, Device(device), new("status", status.ToString().ToLowerInvariant()));

    private static KeyValuePair<string, object?> Device(string device) => new("device", device);
}
