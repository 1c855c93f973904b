using Orleans.Configuration;

namespace Sweep.Hosting.Clustering;

/// <summary>How quickly a silent silo is declared dead, and how much silence it is forgiven.</summary>
internal sealed record MembershipProfile
{
    /// <summary>
    /// A killed silo is dead within 15 s, a pause of 8 s is survived. Three probes must fail, 1.5 s apart or up to 4 s on a busy machine; and while a connection is open, no message
    /// may have come for 3 × 4 s: a killed process closes its connections and waits for the probes only, one that was paused has its 12 s.
    /// </summary>
    public static MembershipProfile Standard { get; } = new()
    {
        Probe = TimeSpan.FromSeconds(1.5),
        LongestProbe = TimeSpan.FromSeconds(4),
        MissedProbes = 3,
    };

    /// <summary>Dead within 2 s: for tests and game days, where a false alarm costs nothing.</summary>
    public static MembershipProfile Fast { get; } = new()
    {
        Probe = TimeSpan.FromSeconds(0.5),
        LongestProbe = TimeSpan.FromSeconds(0.7),
        MissedProbes = 2,
    };

    /// <summary>How far the clocks of two silos may be apart: what a silo writes into the table is by its own, and the others must not take it for dead because of it.</summary>
    private static readonly TimeSpan ClockError = TimeSpan.FromDays(1);

    public required TimeSpan Probe { get; init; }

    public required TimeSpan LongestProbe { get; init; }

    public required int MissedProbes { get; init; }

    public static MembershipProfile? Find(string name) => name switch
    {
        "standard" => Standard,
        "fast" => Fast,
        _ => null,
    };

    public void Apply(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = Probe;

        // Not sped up on a healthy network.
        options.MinProbeTimeout = Probe;
        options.MaxProbeTimeout = LongestProbe;
        options.NumMissedProbesLimit = MissedProbes;

        // A silo that starts wants an answer of every active one. Where all were killed at once, nobody is left to declare them dead: it does so itself, with the same number of
        // probes, but only once they have not written to the table for this long.
        options.TableRefreshTimeout = TimeSpan.FromSeconds(2);
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(2);
        options.NumMissedTableIAmAliveLimit = 2;

        // Both would end a silo that has just started, by a clock, when its own runs behind: as one that has tried to join for too long, and as one from before living memory.
        options.EvictWhenMaxJoinAttemptTimeExceeded = false;
        options.SiloGenerationRetirementAge = ClockError;
        options.DefunctSiloMinimumRetention = ClockError;
    }
}
