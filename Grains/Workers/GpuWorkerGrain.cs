using Sweep.Contracts.Grains;
using Sweep.Grains.Placement;

namespace Sweep.Grains.Workers;

/// <summary>Speaks for the worker of the same name, which is a part of this silo and not of this grain.</summary>
[WorkerSiloPlacement]
internal sealed class GpuWorkerGrain(SiloWorkers workers) : Grain, IGpuWorkerGrain
{
    public Task<WorkerStatus> GetStatusAsync() => Task.FromResult(Worker.Describe());

    public Task DrainAsync()
    {
        Worker.Drain();
        return Task.CompletedTask;
    }

    public Task CancelSweepAsync(string sweepId)
    {
        Worker.CancelSweep(sweepId);
        return Task.CompletedTask;
    }

    public Task WakeAsync()
    {
        Worker.Wake();
        return Task.CompletedTask;
    }

    public Task YieldAsync(string sweepId)
    {
        Worker.Yield(sweepId);
        return Task.CompletedTask;
    }

    private DeviceWorker Worker
    {
        get
        {
            var key = this.GetPrimaryKeyString();
            return WorkerAddress.TryParse(key, out var address) && workers.Find(address.Device) is { } worker
                ? worker
                : throw new InvalidOperationException($"this silo has no worker '{key}'");
        }
    }
}
