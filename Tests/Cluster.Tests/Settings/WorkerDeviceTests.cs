using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Dispatch;
using Sweep.Execution.Devices;
using Sweep.Hosting;
using Xunit;

namespace Sweep.Cluster.Tests.Settings;

/// <summary>A driver that names a device does not mean that this build's libtorch can compute on it: a silo says so at its start, not at its first batch.</summary>
public sealed class WorkerDeviceTests
{
    [Fact]
    public void AddSweepWorkerExecution_DeviceThatTorchCannotUse_IsRefused()
    {
        var builder = Builder(("Sweep:Worker:Devices", "cpu,cuda:7"), ("Sweep:Files:Roots", "/"));
        var options = SweepSiloOptions.Read(builder.Configuration, devices: new EightGpus());

        var problem = Assert.Single(Assert.Throws<OptionsValidationException>(() => builder.AddSweepWorkerExecution(options, device => device == "cuda:7" ? $"device {device}: found none, expected one" : null)).Failures);

        Assert.Equal("Sweep:Worker:Devices, device cuda:7: found none, expected one", problem);
    }

    [Fact]
    public void AddSweepWorkerExecution_FirstDevice_IsWhereSweepsAreResolvedFor()
    {
        var builder = Builder(("Sweep:Worker:Devices", "cpu:3,cpu:1"), ("Sweep:Files:Roots", "/"));
        builder.AddSweepWorkerExecution(SweepSiloOptions.Read(builder.Configuration));
        using var host = builder.Build();
        Assert.Equal("cpu:3", ((IOptions<DeviceOptions>)host.Services.GetService(typeof(IOptions<DeviceOptions>))!).Value.CalibrationDevice);
    }

    private static HostApplicationBuilder Builder(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        return builder;
    }

    private sealed class EightGpus : IDeviceInventory
    {
        public int CudaDevices => 8;

        public DeviceFacts Describe(string device) => new() { Kind = "cuda" };

        public long? MemoryInUse(string device) => null;
    }
}
