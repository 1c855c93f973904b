using Sweep.Execution.Running;
using Sweep.Execution.Tests.Stubs;

namespace Sweep.Execution.Tests.Residency;

public sealed class DeviceMetricsTests : IDisposable
{
    private readonly Workbench _bench = new();

    [Fact]
    public async Task Loads_OfTwoBatchesOfOneModelOnTwoDevices_AreOneADevice()
    {
        var batch = Workbench.Batch(Workbench.Plan, await _bench.ResolveAsync(Workbench.Plan));
        await using var one = new JobRunner(_bench.Pool, "cpu:0", _bench.Inputs);
        await using var two = new JobRunner(_bench.Pool, "cpu:1", _bench.Inputs);
        Assert.Equal(0, _bench.Meters.Read()["sweep.model.loads{device=cpu:0}"]);
        await _bench.RunAsync(batch);
        await _bench.RunAsync(batch);
        await _bench.RunAsync(batch, device: "cpu:1");

        var metrics = _bench.Meters.Read();
        Assert.Equal((1, 1), (metrics["sweep.model.loads{device=cpu:0}"], metrics["sweep.model.loads{device=cpu:1}"]));
        Assert.True(metrics["sweep.model.load_time{device=cpu:0}"] > 0);
    }

    [Fact]
    public async Task Memory_OfADevice_IsThereWhileItIsInUse()
    {
        await using (var runner = new JobRunner(_bench.Pool, "cpu:0", _bench.Inputs))
        {
            var metrics = _bench.Meters.Read();
            Assert.InRange(metrics["sweep.device.memory{device=cpu:0,state=used}"], 1L << 20, metrics["sweep.device.memory{device=cpu:0,state=total}"]);
        }

        Assert.DoesNotContain(_bench.Meters.Read().Keys, key => key.StartsWith("sweep.device.memory", StringComparison.Ordinal));
    }

    public void Dispose() => _bench.Dispose();
}
