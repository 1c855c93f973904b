using Sweep.Contracts.Plans;
using Sweeps = Sweep.Evaluation.Statistics.NullSweeps;

namespace Sweep.Execution.Planning;

/// <summary>What the ranks of a plan's bottlenecks among their random controls can show once they are corrected for all rows.</summary>
public sealed record RankPower
{
    /// <summary>Resolved bottlenecks, of all models.</summary>
    public required int Bottlenecks { get; init; }

    /// <summary>Those of them with too few random controls for a corrected p of 0.05: their rows say a rank only.</summary>
    public required int RankOnly { get; init; }

    /// <summary>Control numbers that all others have; 0 where there are no others.</summary>
    public required int NullSweeps { get; init; }

    /// <summary>The smallest corrected p that any row can have.</summary>
    public required double SmallestP { get; init; }

    /// <summary>Random controls that a corrected p of 0.05 takes.</summary>
    public required int Fewest { get; init; }

    /// <summary>Null where no bottleneck has random controls.</summary>
    public static RankPower? Of(ResolvedPlan resolved)
    {
        var sets = resolved.Bottlenecks.Where(bottleneck => bottleneck.Role == BottleneckRole.Bottleneck).Select(bottleneck => resolved.Bottlenecks.Count(control =>
            control is { Role: BottleneckRole.Control, Kind: null or ControlKind.Random } && control.Model == bottleneck.Model && control.Name == bottleneck.Name)).ToArray();
        if (sets.All(count => count == 0))
            return null;
        var fewest = Sweeps.Fewest();
        var enough = sets.Where(count => count >= fewest).ToArray();
        return new RankPower
        {
            Bottlenecks = sets.Length,
            RankOnly = sets.Length - enough.Length,
            NullSweeps = enough.Length > 0 ? enough.Min() : 0,
            SmallestP = Sweeps.SmallestP(enough.Length > 0 ? enough.Min() : sets.Max()),
            Fewest = fewest,
        };
    }
}
