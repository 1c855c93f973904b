using System.Globalization;
using Sweep.Execution.Randomness;

namespace Sweep.Execution.Planning.Controls;

/// <summary>Random channel sets to compare a bottleneck with: as many channels at the same layers and sites, never the bottleneck's own and each different.</summary>
internal static class RandomSets
{
    /// <summary>
    /// Sets [control][part], ascending. Where fewer than <paramref name="count"/> different ones exist (a bottleneck of nearly all channels), as many as exist.
    /// </summary>
    /// <param name="own">The bottleneck's channels, one set a part.</param>
    /// <param name="widths">Width of each part's site.</param>
    public static IReadOnlyList<IReadOnlyList<int[]>> Draw(
        IReadOnlyList<IReadOnlyList<int>> own, IReadOnlyList<int> widths, int count, long seed, string weightsHash, string bottleneck)
    {
        var wanted = Math.Min(count, Possible(own, widths, count + 1) - 1);
        var taken = new HashSet<string> { Key(own) };
        var sets = new List<IReadOnlyList<int[]>>();
        for (var control = 0; control < wanted; control++)
        {
            var generator = new SeededGenerator(
                "sweep-control/1", seed.ToString(CultureInfo.InvariantCulture), weightsHash, bottleneck, control.ToString(CultureInfo.InvariantCulture));
            int[][] drawn;
            do
                drawn = [.. own.Select((channels, part) => generator.Subset(widths[part], channels.Count))];
            while (!taken.Add(Key(drawn)));
            sets.Add(drawn);
        }

        return sets;
    }

    /// <summary>How many different sets there are, at most <paramref name="enough"/>.</summary>
    private static int Possible(IReadOnlyList<IReadOnlyList<int>> own, IReadOnlyList<int> widths, int enough)
    {
        var product = 1.0;
        for (var part = 0; part < own.Count && product < enough; part++)
        {
            var size = Math.Min(own[part].Count, widths[part] - own[part].Count);
            for (var index = 1; index <= size && product < enough * 1e6; index++)
                product = product * (widths[part] - size + index) / index;
        }

        return (int)Math.Min(Math.Round(product), enough);
    }

    private static string Key(IEnumerable<IReadOnlyList<int>> sets) => string.Join('|', sets.Select(set => string.Join(',', set)));
}
