using Sweep.Contracts.Grains;

namespace Sweep.Dashboard.Live;

/// <summary>How a cluster that did not answer looks to whoever asked.</summary>
internal static class Silence
{
    /// <summary>A grain did not answer in time, could not be reached, or failed; the asker is not at fault.</summary>
    public static bool Is(Exception exception) => exception is TimeoutException or Orleans.Runtime.OrleansException or GrainCallFailedException;
}
