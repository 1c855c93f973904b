using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Grains.Coordination;
using Sweep.Grains.Workers;
using Sweep.Tests;
using Xunit;

namespace Sweep.Grains.Tests.Metrics;

public sealed class MetricsTests : IDisposable
{
    private readonly MeterProbe _meters = new();

    [Fact]
    public void Dispatch_OfSeveralSweeps_AddsThemUpAndForgetsThoseThatLeft()
    {
        var metrics = new DispatchMetrics(_meters);
        Assert.Equal((0, 0, 0), (_meters.Read()["sweep.leases.granted"], _meters.Read()["sweep.queue.depth"], _meters.Read()["sweep.lease.oldest_age"]));

        metrics.OnGranted();
        metrics.OnGranted();
        metrics.OnExpired();
        metrics.OnQuarantined();
        metrics.OnTick("a", new SweepGauges(Jobs: 10, PendingBatches: 3, LeasedBatches: 2, OldestLeaseSeconds: 4));
        metrics.OnTick("a", new SweepGauges(Jobs: 10, PendingBatches: 2, LeasedBatches: 3, OldestLeaseSeconds: 5));
        metrics.OnTick("b", new SweepGauges(Jobs: 5, PendingBatches: 7, LeasedBatches: 0, OldestLeaseSeconds: 0));
        var both = _meters.Read();
        Assert.Equal((2, 1, 1), (both["sweep.leases.granted"], both["sweep.leases.expired"], both["sweep.batches.quarantined"]));
        Assert.Equal((2, 15, 9, 3, 5), (both["sweep.sweeps.active"], both["sweep.jobs.active"], both["sweep.queue.depth"], both["sweep.leases.active"], both["sweep.lease.oldest_age"]));

        metrics.OnLeft("a");
        var one = _meters.Read();
        Assert.Equal((1, 5, 7, 0, 0), (one["sweep.sweeps.active"], one["sweep.jobs.active"], one["sweep.queue.depth"], one["sweep.leases.active"], one["sweep.lease.oldest_age"]));
        Assert.Equal(2, one["sweep.leases.granted"]);
    }

    [Fact]
    public void Workers_OfADevice_CountWhatTheStoreMadeOfTheirRows()
    {
        var metrics = new WorkerMetrics(_meters);
        metrics.OnStarted("cpu:0");
        Assert.Equal((0, 0), (_meters.Read()["sweep.rows{device=cpu:0,outcome=accepted}"], _meters.Read()["sweep.late_writes{device=cpu:0}"]));

        var result = new MicroBatchResult { Index = 0, Rows = [], Tokens = 600, DeviceSeconds = 2 };
        metrics.OnRecorded("cpu:0", result, new RecordOutcome { Accepted = 5, Shared = 1, Late = false });
        metrics.OnRecorded("cpu:0", result with { Tokens = 100, DeviceSeconds = 0.5 }, new RecordOutcome { Accepted = 2, Shared = 0, Late = false });
        metrics.OnLateWrite("cpu:0", 4);
        metrics.OnEnded("cpu:0", BatchStatus.Completed);
        var read = _meters.Read();
        Assert.Equal((7, 1, 4), (read["sweep.rows{device=cpu:0,outcome=accepted}"], read["sweep.rows{device=cpu:0,outcome=shared}"], read["sweep.late_writes{device=cpu:0}"]));
        Assert.Equal((700, 2.5, 200), (read["sweep.tokens{device=cpu:0}"], read["sweep.device.busy{device=cpu:0}"], read["sweep.tokens_per_second{device=cpu:0}"]));
        Assert.Equal(1, read["sweep.batches.ended{device=cpu:0,status=completed}"]);
    }

    public void Dispose() => _meters.Dispose();
}
