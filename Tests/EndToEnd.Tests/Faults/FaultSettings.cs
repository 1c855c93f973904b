namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>What all silos of a cluster are told.</summary>
internal sealed record FaultSettings
{
    /// <summary>A killed silo is missed within 2 s.</summary>
    public static FaultSettings Fast { get; } = new() { Membership = "fast" };

    /// <summary>For silos that are to stay, however busy the machine.</summary>
    public static FaultSettings Standard { get; } = new() { Membership = "standard" };

    public required string Membership { get; init; }

    public string LeaseSeconds { get; init; } = "3";

    public string MicroBatchSeconds { get; init; } = "0.25";
}

/// <summary>What one silo is told beside it.</summary>
/// <param name="Roles">As Sweep:Silo:Roles.</param>
/// <param name="ClockOffset">As libfaketime takes it; null: the machine's time.</param>
internal sealed record SiloKind(string Roles, string? ClockOffset = null)
{
    public static SiloKind Both { get; } = new("coordinator,worker");

    public static SiloKind Coordinator { get; } = new("coordinator");

    public static SiloKind Worker { get; } = new("worker");
}
