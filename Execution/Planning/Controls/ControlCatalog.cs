using Sweep.Contracts.Plans;

namespace Sweep.Execution.Planning.Controls;

/// <summary>Every control that a plan asks for. What a bottleneck cannot have (the complement of all channels) is left out.</summary>
internal static class ControlCatalog
{
    /// <summary>By kind, in the order of <see cref="ControlKind"/>.</summary>
    public static IEnumerable<DrawnControl> Of(ControlledBottleneck bottleneck, ControlsPlan plan) =>
    [
        .. Random(bottleneck, plan.Random),
        .. MatchedSets.Draw(bottleneck, ControlKind.NormMatched, plan.NormMatched ?? 0),
        .. MatchedSets.Draw(bottleneck, ControlKind.VarianceMatched, plan.VarianceMatched ?? 0),
        .. plan.Complement == true ? ComplementSet.Of(bottleneck) : [],
        .. plan.EqualNorm == true ? EqualNormSet.Of(bottleneck) : [],
        .. ShiftedSets.Of(bottleneck, plan.OtherLayers ?? 0),
        .. DisjointSets.Draw(bottleneck, plan.OtherChannels ?? 0),
    ];

    private static IEnumerable<DrawnControl> Random(ControlledBottleneck bottleneck, int count) => RandomSets
        .Draw(bottleneck.Own, [.. bottleneck.Parts.Select(part => part.Width)], count, bottleneck.Seed, bottleneck.WeightsHash, bottleneck.Bottleneck.Name)
        .Select(set => new DrawnControl { Kind = ControlKind.Random, Recipe = string.Join(" + ", bottleneck.Parts.Select(part => $"random {part.Size}")), Channels = set });
}
