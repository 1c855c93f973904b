using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Sweep.Contracts.Diagnostics;

namespace Sweep.Grains.Coordination;

/// <summary>What the coordinators of this silo did and what waits for them. Gauges add up over silos: a sweep has one coordinator.</summary>
internal sealed class DispatchMetrics
{
    private readonly ConcurrentDictionary<string, SweepGauges> _sweeps = new(StringComparer.Ordinal);
    private long _granted;
    private long _expired;
    private long _quarantined;

    public DispatchMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(SweepMeters.Dispatch);
        // Observed, so that a series is there before its first event.
        meter.CreateObservableCounter("sweep.leases.granted", () => Volatile.Read(ref _granted), "{lease}", "Leases granted to workers");
        meter.CreateObservableCounter("sweep.leases.expired", () => Volatile.Read(ref _expired), "{lease}", "Leases taken back because their worker was lost or silent");
        meter.CreateObservableCounter("sweep.batches.quarantined", () => Volatile.Read(ref _quarantined), "{batch}", "Batches given up after too many failed attempts");
        meter.CreateObservableGauge("sweep.sweeps.active", () => _sweeps.Count, "{sweep}", "Sweeps not at their end, by the silo of their coordinator");
        meter.CreateObservableGauge("sweep.jobs.active", () => _sweeps.Values.Sum(sweep => (long)sweep.Jobs), "{job}", "Jobs of these sweeps");
        meter.CreateObservableGauge("sweep.queue.depth", () => _sweeps.Values.Sum(sweep => (long)sweep.PendingBatches), "{batch}", "Batches that wait for a worker");
        meter.CreateObservableGauge("sweep.leases.active", () => _sweeps.Values.Sum(sweep => (long)sweep.LeasedBatches), "{lease}", "Batches under a lease");
        meter.CreateObservableGauge(
            "sweep.lease.oldest_age",
            () => _sweeps.Values.Select(sweep => sweep.OldestLeaseSeconds).DefaultIfEmpty(0).Max(),
            "s",
            "Time since the renewal of the lease that was renewed longest ago");
    }

    public void OnGranted() => Interlocked.Increment(ref _granted);

    public void OnExpired() => Interlocked.Increment(ref _expired);

    public void OnQuarantined() => Interlocked.Increment(ref _quarantined);

    /// <summary>A look after a sweep that is not at its end.</summary>
    public void OnTick(string sweepId, SweepGauges gauges) => _sweeps[sweepId] = gauges;

    /// <summary>The sweep is at its end, or coordinated elsewhere from now on.</summary>
    public void OnLeft(string sweepId) => _sweeps.TryRemove(sweepId, out _);
}

/// <summary>A sweep's numbers at one look after it.</summary>
internal readonly record struct SweepGauges(int Jobs, int PendingBatches, int LeasedBatches, double OldestLeaseSeconds);
