using System.Globalization;
using Sweep.Contracts.Plans;
using Sweep.Execution.Randomness;

namespace Sweep.Execution.Planning.Controls;

/// <summary>Random sets of equal size at the same layers and sites with none of the bottleneck's channels; two of them may share some.</summary>
internal static class DisjointSets
{
    private const int MostTries = 1_000;

    /// <summary>At most <paramref name="count"/> different sets; none where fewer channels are left than the bottleneck has.</summary>
    public static IReadOnlyList<DrawnControl> Draw(ControlledBottleneck bottleneck, int count)
    {
        int[][] rest = [.. bottleneck.Own.Select((own, part) => Enumerable.Range(0, bottleneck.Parts[part].Width).Except(own).ToArray())];
        var sets = new List<DrawnControl>();
        if (rest.Index().Any(part => part.Item.Length < bottleneck.Own[part.Index].Length))
            return sets;
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var generator = new SeededGenerator("sweep-disjoint-control/1", bottleneck.Seed.ToString(CultureInfo.InvariantCulture), bottleneck.WeightsHash, bottleneck.Bottleneck.Name);
        for (var attempt = 0; attempt < MostTries && sets.Count < count; attempt++)
        {
            int[][] set = [.. bottleneck.Own.Select((own, part) => generator.Subset(rest[part].Length, own.Length).Select(index => rest[part][index]).ToArray())];
            if (taken.Add(string.Join('|', set.Select(part => string.Join(',', part)))))
                sets.Add(new DrawnControl { Kind = ControlKind.OtherChannels, Recipe = $"random {set.Sum(part => part.Length)} of the others", Channels = set });
        }

        return sets;
    }
}
