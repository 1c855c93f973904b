using Microsoft.Extensions.Options;
using Sweep.Execution.Residency;
using Sweep.Execution.Running;

namespace Sweep.Execution.Devices;

/// <summary>The devices in use: whoever asks for the same device shares its thread and its model, and the last to leave ends them.</summary>
internal sealed class DevicePool(IModelLoader loader, IOptions<DeviceOptions> options, DeviceMetrics metrics, IDeviceInventory inventory)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (DeviceWorker Worker, int Users)> _workers = new(StringComparer.Ordinal);

    public DeviceOptions Options { get; } = options.Value;

    /// <summary>Bytes that the activations of one pass may take there.</summary>
    public long MemoryBudget(string device) => device.StartsWith("cuda", StringComparison.Ordinal) && inventory.Describe(device).MemoryBytes is > 0 and var bytes
        ? (long)(Options.CudaMemoryShare * bytes)
        : Options.MemoryBudgetBytes;

    /// <summary>Bytes of weights that may stay there beside those that are used.</summary>
    private long WeightBytes(string device) => device.StartsWith("cuda", StringComparison.Ordinal) ? (long)(Options.CudaModelShare * inventory.Describe(device).MemoryBytes) : 0;

    /// <summary>Of a runner there; a CUDA device's memory is asked on the device's own thread.</summary>
    public MemoryBudget Budget(string device) => new(MemoryBudget(device), device.StartsWith("cuda", StringComparison.Ordinal) ? CudaDriver.MemoryInUse : null);

    public DeviceWorker Rent(string device)
    {
        lock (_gate)
        {
            var (worker, users) = _workers.TryGetValue(device, out var known)
                ? known
                : (new DeviceWorker(new DeviceThread(device, Threads(device)), new ModelHost(loader, device, metrics, WeightBytes(device))), 0);
            _workers[device] = (worker, users + 1);
            metrics.OnRented(device);
            return worker;
        }
    }

    public async ValueTask ReturnAsync(DeviceWorker worker)
    {
        lock (_gate)
        {
            var (_, users) = _workers[worker.Thread.Device];
            if (users > 1)
            {
                _workers[worker.Thread.Device] = (worker, users - 1);
                return;
            }

            _workers.Remove(worker.Thread.Device);
            metrics.OnReturned(worker.Thread.Device);
        }

        await worker.Thread.InvokeAsync(
            _ =>
            {
                worker.Models.Dispose();
                return true;
            },
            CancellationToken.None);
        await worker.Thread.DisposeAsync();
    }

    private int? Threads(string device) => device.StartsWith("cpu", StringComparison.Ordinal) ? Options.IntraOpThreads : null;
}

/// <summary>A device's thread and the models on it.</summary>
internal sealed record DeviceWorker(DeviceThread Thread, ModelHost Models);
