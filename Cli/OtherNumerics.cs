using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Hosting;

namespace Sweep.Cli;

/// <summary>
/// A sweep's id says nothing of devices, but its jobs do: what began on one kind of device, a search with its first stage, can neither be continued on another nor is it an answer of that one.
/// </summary>
internal static class OtherNumerics
{
    /// <exception cref="WrongInputException">The sweep began with other numerics than those of the device.</exception>
    public static async Task RefuseAsync(SweepPlan plan, ISweepStore store, EmbeddedOptions options, CancellationToken cancellationToken)
    {
        foreach (var id in SearchStages.Chain(plan).Append(plan).Select(SweepIds.Of))
        {
            if (await store.LoadResolutionAsync(id, cancellationToken) is { } before && before.NumericsId != options.NumericsId)
            {
                throw new WrongInputException(
                    $"{id}: found that it began with numerics {before.NumericsId}, expected {options.NumericsId}, which is what --device {options.Device} computes. "
                    + "Use the kind of device it began on, another --store, or give the plan another name.");
            }
        }
    }
}
