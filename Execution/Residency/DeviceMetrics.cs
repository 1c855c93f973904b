using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Sweep.Contracts.Diagnostics;
using Sweep.Execution.Devices;

namespace Sweep.Execution.Residency;

/// <summary>Models loaded onto devices, and the devices' memory.</summary>
internal sealed class DeviceMetrics
{
    private readonly ConcurrentDictionary<string, long> _memory = new(StringComparer.Ordinal);
    private readonly IDeviceInventory _devices;
    private readonly Counter<long> _loads;
    private readonly Histogram<double> _loadTime;

    public DeviceMetrics(IMeterFactory meters, IDeviceInventory devices)
    {
        _devices = devices;
        var meter = meters.Create(SweepMeters.Devices);
        _loads = meter.CreateCounter<long>("sweep.model.loads", "{load}", "Models loaded onto a device");
        _loadTime = meter.CreateHistogram<double>("sweep.model.load_time", "s", "Time to load a model");
        meter.CreateObservableGauge("sweep.device.memory", Memory, "By", "Memory of the device: total, and used where it is known (of a CPU device, by the process)");
    }

    /// <summary>A device is in use from now on.</summary>
    public void OnRented(string device)
    {
        if (_memory.TryAdd(device, _devices.Describe(device).MemoryBytes))
            _loads.Add(0, new KeyValuePair<string, object?>("device", device));
    }

    public void OnReturned(string device) => _memory.TryRemove(device, out _);

    public void OnLoaded(string device, TimeSpan elapsed)
    {
        var tag = new KeyValuePair<string, object?>("device", device);
        _loads.Add(1, tag);
        _loadTime.Record(elapsed.TotalSeconds, tag);
    }

    private IEnumerable<Measurement<long>> Memory()
    {
        foreach (var (device, total) in _memory)
        {
            yield return new Measurement<long>(total, new("device", device), new("state", "total"));
            if (_devices.MemoryInUse(device) is { } used)
                yield return new Measurement<long>(used, new("device", device), new("state", "used"));
        }
    }
}
