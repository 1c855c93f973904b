using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Sweep.Grains.Placement;

/// <summary>Places a worker's grain on the silo that its key names: the device is there and nowhere else.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class WorkerSiloPlacementAttribute() : PlacementAttribute(new WorkerSiloPlacement());

/// <summary>See <see cref="WorkerSiloPlacementAttribute"/>.</summary>
[Serializable]
[GenerateSerializer]
[Immutable]
[Alias("sweep.WorkerSiloPlacement")]
internal sealed class WorkerSiloPlacement : PlacementStrategy;

internal sealed class WorkerSiloPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var key = target.GrainIdentity.Key.ToString()!;
        if (!WorkerAddress.TryParse(key, out var address))
            throw new ArgumentException($"'{key}' is not a worker, expected SILO/DEVICE, for instance 127.0.0.1:11111@123/cpu:0");
        return context.GetCompatibleSilos(target).Contains(address.Silo)
            ? Task.FromResult(address.Silo)
            : throw new InvalidOperationException($"worker '{key}' is gone: its silo is not in the cluster");
    }
}
