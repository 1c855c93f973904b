using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>Which items a plan takes and which part they play: functions of ids and seeds alone, whatever the file's order or the limit.</summary>
public static class ItemOrder
{
    /// <summary>The first <paramref name="limit"/> items (null: all) in the order of a seeded hash of their ids.</summary>
    public static IReadOnlyList<EvaluationItem> Choose(IReadOnlyList<EvaluationItem> items, int? limit, long seed)
    {
        var ordered = items.OrderBy(item => Draw("item", seed, item.Id)).ThenBy(item => item.Id, StringComparer.Ordinal);
        return [.. limit is { } most ? ordered.Take(most) : ordered];
    }

    /// <summary>
    /// As above, but with the splits interleaved by their shares: any limit has the shares to within an item as long as each split has enough, and a
    /// larger limit only adds items. Which split an item is in does not depend on it.
    /// </summary>
    public static IReadOnlyList<EvaluationItem> Choose(IReadOnlyList<EvaluationItem> items, int? limit, long seed, double selection, double validation)
    {
        double[] shares = [selection, validation, 1 - selection - validation];
        Queue<EvaluationItem>[] queues = [new(), new(), new()];
        foreach (var item in Choose(items, null, seed))
            queues[Part(item.Group, seed, selection, validation)].Enqueue(item);

        var chosen = new List<EvaluationItem>();
        var taken = new int[queues.Length];
        while (chosen.Count < Math.Min(limit ?? items.Count, items.Count))
        {
            var (next, most) = (-1, double.NegativeInfinity);
            for (var split = 0; split < queues.Length; split++)
            {
                var owed = (shares[split] * (chosen.Count + 1)) - taken[split];
                if (queues[split].Count > 0 && owed > most)
                    (next, most) = (split, owed);
            }

            chosen.Add(queues[next].Dequeue());
            taken[next]++;
        }

        return chosen;
    }

    /// <summary>The part that a group's items play: 0 selection, 1 validation, 2 test.</summary>
    public static int Part(string group, long seed, double selection, double validation)
    {
        var position = SplitPosition(group, seed);
        return position < selection ? 0 : position < selection + validation ? 1 : 2;
    }

    /// <summary>A number in [0, 1) for a group: below the selection share it selects, then validation, then test.</summary>
    public static double SplitPosition(string group, long seed) => Draw("split", seed, group) / (double)(1UL << 53);

    private static ulong Draw(string purpose, long seed, string text) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{purpose}/{seed}/{text}")))) >> 11;
}
