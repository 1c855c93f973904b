using Sweep.Contracts.Store;

namespace Sweep.Persistence.Queries;

/// <summary>Which sweeps of a list are wanted.</summary>
public sealed record SweepListQuery
{
    /// <summary>Part of an id, a name or an owner, whatever its case. Default: any.</summary>
    public string? Text { get; init; }

    /// <summary>Default: every state.</summary>
    public SweepState? State { get; init; }

    /// <summary>Default: everybody's.</summary>
    public string? Owner { get; init; }

    /// <summary>Stages of searches, too. Default: false.</summary>
    public bool WithStages { get; init; }

    /// <summary>Those behind this sweep, which need not be one of the wanted. Default: from the first.</summary>
    public string? After { get; init; }

    /// <summary>Default: 0.</summary>
    public int Skip { get; init; }

    public required int Take { get; init; }
}

/// <summary>A page of sweeps.</summary>
public sealed record SweepListPage
{
    public required IReadOnlyList<SweepRecord> Sweeps { get; init; }

    /// <summary>As many are wanted on all pages.</summary>
    public required int Total { get; init; }
}

/// <summary>Batches of a sweep by what has become of them.</summary>
public sealed record BatchCounts
{
    public required int Pending { get; init; }

    public required int Leased { get; init; }

    public required int Completed { get; init; }

    /// <summary>Faulted or quarantined.</summary>
    public required int SetAside { get; init; }

    public required int Canceled { get; init; }
}
