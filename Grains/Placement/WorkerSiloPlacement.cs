using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Sweep.Grains.Placement;

/// <summary>Places the grain of a worker, or of a silo's workers, on the silo that its key begins with: the device is there and nowhere else.</summary>
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
        if (!WorkerAddress.TryParseSilo(key, out var silo))
            throw new ArgumentException($"'{key}' names no silo, expected SILO or SILO/DEVICE, for instance 127.0.0.1:11111@123/cpu:0");
        return context.GetCompatibleSilos(target).Contains(silo)
            ? Task.FromResult(silo)
            : throw new InvalidOperationException($"'{key}' is gone: its silo is not in the cluster, or has no workers");
    }
}
