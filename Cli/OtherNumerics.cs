using Sweep.Contracts.Store;
using Sweep.Hosting;

namespace Sweep.Cli;

/// <summary>
/// A sweep's id says nothing of devices, but its jobs do: what began on one kind of device can neither be continued on another nor is it an answer of that one.
/// </summary>
internal static class OtherNumerics
{
    /// <exception cref="WrongInputException">The sweep began with other numerics than those of the device.</exception>
    public static async Task RefuseAsync(string sweepId, ISweepStore store, EmbeddedOptions options, CancellationToken cancellationToken)
    {
        if (await store.LoadResolutionAsync(sweepId, cancellationToken) is { } before && before.NumericsId != options.NumericsId)
        {
            throw new WrongInputException(
                $"{sweepId}: found that it began with numerics {before.NumericsId}, expected {options.NumericsId}, which is what --device {options.Device} computes. "
                + "Use the kind of device it began on, another --store, or give the plan another name.");
        }
    }
}
