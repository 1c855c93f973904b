using Sweep.Cli.Commands;
using Sweep.Contracts.Store;
using Sweep.Persistence.Audits;

namespace Sweep.Cli.Chaos;

/// <summary>What came of a game day.</summary>
internal sealed record GameDayResult
{
    public required SweepState State { get; init; }

    public required IReadOnlyList<KillRecord> Kills { get; init; }

    /// <summary>Silos that ended though nobody killed them, for instance because the others took them for dead; they were replaced too.</summary>
    public required IReadOnlyList<string> EndedByThemselves { get; init; }

    /// <summary>The cluster's export and the embedded run's are the same bytes.</summary>
    public required bool ExportEqual { get; init; }

    public required long ExportBytes { get; init; }

    public required SweepAudit Audit { get; init; }

    public required ReplayedSample Sample { get; init; }

    /// <summary>From the submission to the sweep's end.</summary>
    public required double Seconds { get; init; }

    public int Counted => Kills.Count(kill => kill.Counts);

    /// <summary>Everything that is not as it must be, one line each.</summary>
    public IEnumerable<string> Failures(int kills)
    {
        if (State != SweepState.Completed)
            yield return $"the sweep ended {State}, expected Completed";
        if (Counted < kills)
            yield return $"found {Counted} kills of silos at work, expected {kills}: the sweep was over too soon (a longer --plan, or a shorter --every)";
        if (!ExportEqual)
            yield return "the cluster's export differs from the embedded run's";
        if (!Audit.Clean || !Sample.Clean)
            yield return "the audit is not clean";
    }
}

/// <summary>One killed silo.</summary>
internal sealed record KillRecord
{
    /// <summary>Name of the silo.</summary>
    public required string Victim { get; init; }

    /// <summary>Since the sweep was submitted.</summary>
    public required double AtSeconds { get; init; }

    /// <summary>Batches that were still leased to it when its process was gone.</summary>
    public required IReadOnlyList<string> Batches { get; init; }

    /// <summary>Until the last of these batches was leased to another worker.</summary>
    public double? SecondsToRelease { get; init; }

    /// <summary>It held a live lease, so the sweep was unfinished.</summary>
    public bool Counts => Batches.Count > 0;
}
