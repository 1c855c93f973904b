namespace Sweep.Contracts.Diagnostics;

/// <summary>Names of the meters, one an area; who listens takes <see cref="All"/>.</summary>
public static class SweepMeters
{
    /// <summary>Leases, queue and quarantine, as coordinators see them.</summary>
    public const string Dispatch = "Sweep.Dispatch";

    /// <summary>Rows, tokens and late writes, as workers see them.</summary>
    public const string Workers = "Sweep.Workers";

    /// <summary>Models and device memory.</summary>
    public const string Devices = "Sweep.Devices";

    /// <summary>The store and its outbox.</summary>
    public const string Store = "Sweep.Store";

    public static IReadOnlyList<string> All { get; } = [Dispatch, Workers, Devices, Store];
}
