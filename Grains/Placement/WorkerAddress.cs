using System.Diagnostics.CodeAnalysis;

namespace Sweep.Grains.Placement;

/// <summary>A worker's id taken apart: "SILO/DEVICE", for instance "127.0.0.1:11111@123/cpu:0".</summary>
internal readonly record struct WorkerAddress(SiloAddress Silo, string Device)
{
    public override string ToString() => $"{Silo.ToParsableString()}/{Device}";

    public static bool TryParse(string workerId, [MaybeNullWhen(false)] out WorkerAddress address)
    {
        address = default;
        var slash = workerId.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == workerId.Length - 1 || !TryParseSilo(workerId, out var silo))
            return false;
        address = new WorkerAddress(silo, workerId[(slash + 1)..]);
        return true;
    }

    /// <summary>The silo of "SILO" or "SILO/DEVICE".</summary>
    public static bool TryParseSilo(string key, [MaybeNullWhen(false)] out SiloAddress silo)
    {
        silo = null;
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        try
        {
            silo = SiloAddress.FromParsableString(slash < 0 ? key : key[..slash]);
            return true;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            return false;
        }
    }
}
