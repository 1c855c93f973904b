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

    /// <summary>A number in [0, 1) for a group: below the selection share it selects, then validation, then test.</summary>
    public static double SplitPosition(string group, long seed) => Draw("split", seed, group) / (double)(1UL << 53);

    private static ulong Draw(string purpose, long seed, string text) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{purpose}/{seed}/{text}")))) >> 11;
}
