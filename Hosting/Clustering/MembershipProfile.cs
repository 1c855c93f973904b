using Orleans.Configuration;

namespace Sweep.Hosting.Clustering;

/// <summary>How quickly a silent silo is declared dead, and how much silence it is forgiven.</summary>
internal sealed record MembershipProfile
{
    /// <summary>
    /// Dead within 15 s, a pause of 8 s is survived: three probes 4 s apart must fail, so no silence shorter than 12 s kills. Probes are not sped up (Orleans would halve their time
    /// on a healthy network) and, on a busy silo, slowed down by a quarter at most.
    /// </summary>
    public static MembershipProfile Standard { get; } = new()
    {
        Probe = TimeSpan.FromSeconds(4),
        LongestProbe = TimeSpan.FromSeconds(5),
        MissedProbes = 3,
        TableRefresh = TimeSpan.FromSeconds(5),
    };

    /// <summary>Dead within 2 s: for tests and game days, where a false alarm costs nothing.</summary>
    public static MembershipProfile Fast { get; } = new()
    {
        Probe = TimeSpan.FromSeconds(0.5),
        LongestProbe = TimeSpan.FromSeconds(0.7),
        MissedProbes = 2,
        TableRefresh = TimeSpan.FromSeconds(2),
    };

    public required TimeSpan Probe { get; init; }

    public required TimeSpan LongestProbe { get; init; }

    public required int MissedProbes { get; init; }

    public required TimeSpan TableRefresh { get; init; }

    public static MembershipProfile? Find(string name) => name switch
    {
        "standard" => Standard,
        "fast" => Fast,
        _ => null,
    };

    public void Apply(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = Probe;
        options.MinProbeTimeout = Probe;
        options.MaxProbeTimeout = LongestProbe;
        options.NumMissedProbesLimit = MissedProbes;
        options.TableRefreshTimeout = TableRefresh;

        // A silo that starts waits for every silo that wrote to the table within 3 × 4 s; where all were killed at once, it takes the cluster over after that.
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(4);
        options.NumMissedTableIAmAliveLimit = 3;
    }
}
