using Sweep.Execution.Devices;
using Sweep.Execution.Residency;
using Sweep.Execution.Tests.Stubs;
using Sweep.Tests;

namespace Sweep.Execution.Tests.Residency;

/// <summary>Stub models have 1,000 parameters: 4,000 bytes in fp32.</summary>
public sealed class ModelHostTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StubLoader _loader = new();
    private readonly MeterProbe _meters = new();

    public void Dispose()
    {
        _meters.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Get_RoomForTwo_KeepsThoseThatWereUsedLast()
    {
        using var host = Host(8001);
        foreach (var name in (string[])["a", "b", "a", "c", "a", "b"])
            Get(host, name);
        Assert.Equal(["a", "b", "c", "b"], _loader.Loads);
        Assert.Equal("b", host.WeightsHash);
    }

    [Fact]
    public void Get_AnotherPrecision_IsAnotherModelOfHalfTheSize()
    {
        using var host = Host(6001);
        Get(host, "a");
        Get(host, "a", "bf16");
        Get(host, "a");
        Assert.Equal(["a", "a"], _loader.Loads);
    }

    [Fact]
    public void Get_RoomForNone_HoldsTheOneInUse()
    {
        using var host = Host(0);
        foreach (var name in (string[])["a", "a", "b", "a"])
            Get(host, name);
        Assert.Equal(["a", "b", "a"], _loader.Loads);
    }

    [Fact]
    public void Get_Another_TakesWhatTheFormerKeepsForItsNextPass()
    {
        using var host = Host(8001);
        Get(host, "a");
        var former = _loader.Executor;
        Get(host, "a");
        Assert.Equal(0, former.Releases);
        Get(host, "b");
        Assert.Equal((1, 0), (former.Releases, _loader.Executor.Releases));
        Get(host, "a");
        Assert.Equal((1, 1), (former.Releases, _loader.Executor.Releases));
    }

    private ModelHost Host(long weightBytes) => new(_loader, "cpu:0", new DeviceMetrics(_meters, new MachineDevices()), weightBytes);

    private void Get(ModelHost host, string name, string precision = "fp32")
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, name));
        _folder.Write(Path.Combine(name, "weights"), name);
        host.Get(Path.Combine(_folder.Path, name), name, precision);
    }
}
