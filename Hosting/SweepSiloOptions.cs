using Microsoft.Extensions.Logging;
using Sweep.Grains.Dispatch;
using Sweep.Grains.Workers;

namespace Sweep.Hosting;

/// <summary>A silo in this process alone: localhost membership in memory, free loopback ports.</summary>
public sealed class SweepSiloOptions
{
    /// <summary>The silo's port; 0: a free one. Default: 0.</summary>
    public int SiloPort { get; set; }

    /// <summary>The gateway's port; 0: a free one. Default: 0.</summary>
    public int GatewayPort { get; set; }

    /// <summary>Least level of Orleans' own log lines. Default: Error.</summary>
    public LogLevel OrleansLogLevel { get; set; } = LogLevel.Error;

    public DispatchOptions Dispatch { get; } = new();

    public BatchPlannerOptions Planner { get; } = new();

    public WorkerOptions Worker { get; } = new();

    internal IEnumerable<string> Problems()
    {
        foreach (var (name, port) in new[] { (nameof(SiloPort), SiloPort), (nameof(GatewayPort), GatewayPort) })
        {
            if (port is < 0 or > 65535)
                yield return $"Sweep:Silo:{name} is {port}, expected 0 (a free port) to 65535";
        }

        if (SiloPort != 0 && SiloPort == GatewayPort)
            yield return $"Sweep:Silo:{nameof(SiloPort)} and {nameof(GatewayPort)} are both {SiloPort}, expected different ports";
    }
}
