using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Persistence.Reports;

namespace Sweep.Dashboard.Pages.Bottlenecks;

/// <summary>What a resolved plan says of a bottleneck.</summary>
internal sealed record BottleneckFacts
{
    public required ResolvedBottleneck Bottleneck { get; init; }

    public required ResolvedModel Model { get; init; }

    /// <summary>How many controls of which kind it is compared with.</summary>
    public required IReadOnlyList<(string Kind, int Sets)> Controls { get; init; }

    /// <summary>Channels that it shares with the plan's other bottlenecks of the model, at the same layer and site.</summary>
    public required IReadOnlyList<ChannelOverlap> Overlaps { get; init; }

    /// <summary>Null: the plan has none of this name.</summary>
    public static BottleneckFacts? Of(ResolvedPlan resolved, string? model, string? name)
    {
        var index = resolved.Models.Index().FirstOrDefault(pair => pair.Item.Name == model);
        if (index.Item is null || resolved.Bottlenecks.FirstOrDefault(one => one.Model == index.Index && one.Role == BottleneckRole.Bottleneck && one.Name == name) is not { } own)
            return null;
        var others = resolved.Bottlenecks.Where(one => one.Model == index.Index && one.Role == BottleneckRole.Bottleneck && one.Name != name);
        return new BottleneckFacts
        {
            Bottleneck = own,
            Model = index.Item,
            Controls = [.. resolved.Bottlenecks.Where(one => one.Model == index.Index && one.Role == BottleneckRole.Control && one.Name == name)
                .GroupBy(one => one.Kind ?? ControlKind.Random).OrderBy(group => group.Key).Select(group => (ReportFigures.Kind(group.Key), group.Count()))],
            Overlaps = [.. others.Select(other => ChannelOverlap.Of(own, other)).Where(overlap => overlap.Shared > 0).OrderByDescending(overlap => overlap.Jaccard)],
        };
    }
}

/// <summary>What two bottlenecks have in common.</summary>
internal sealed record ChannelOverlap(string Name, int Shared, int Own, int Other)
{
    /// <summary>Shared channels over all of both.</summary>
    public double Jaccard => (double)Shared / (Own + Other - Shared);

    public static ChannelOverlap Of(ResolvedBottleneck own, ResolvedBottleneck other)
    {
        var (mine, theirs) = (Places(own), Places(other));
        return new ChannelOverlap(other.Name, mine.Intersect(theirs).Count(), mine.Count, theirs.Count);
    }

    private static HashSet<(int, string, int)> Places(ResolvedBottleneck one) => [.. one.Interventions.SelectMany((InterventionSpec part) => part.Channels.Select(channel => (part.Layer, part.Site, channel)))];
}
