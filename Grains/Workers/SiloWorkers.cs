using System.Collections.Concurrent;
using Sweep.Grains.Placement;

namespace Sweep.Grains.Workers;

/// <summary>What this silo is for, and its workers by device.</summary>
internal sealed class SiloWorkers(SiloRoles roles)
{
    private readonly ConcurrentDictionary<string, DeviceWorker> _byDevice = new(StringComparer.Ordinal);

    public SiloRoles Roles => roles;

    public IEnumerable<DeviceWorker> All => _byDevice.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value);

    public void Add(string device, DeviceWorker worker) => _byDevice[device] = worker;

    public DeviceWorker? Find(string device) => _byDevice.GetValueOrDefault(device);
}
