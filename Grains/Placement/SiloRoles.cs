namespace Sweep.Grains.Placement;

/// <summary>What a silo hosts.</summary>
[Flags]
public enum SiloRoles
{
    None = 0,

    /// <summary>The scheduler, coordinators, and the watcher that starts them.</summary>
    Coordinator = 1,

    /// <summary>Workers, one a device.</summary>
    Worker = 2,

    All = Coordinator | Worker,
}
