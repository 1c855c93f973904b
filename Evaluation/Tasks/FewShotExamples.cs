using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sweep.Evaluation.Benchmarks;
using Sweep.Evaluation.Statistics;

namespace Sweep.Evaluation.Tasks;

/// <summary>Draws examples for an item: a function of seed, item and the examples' contents, whatever the order of either file, and never the item itself.</summary>
internal sealed class FewShotExamples
{
    private readonly (string Canonical, Node Record)[] _pool;
    private readonly HashSet<string> _known;
    private readonly long _seed;

    public FewShotExamples(IEnumerable<Node> pool, long seed)
    {
        _pool = [.. pool.Select(record => (record.Canonical, record)).DistinctBy(pair => pair.Canonical).OrderBy(pair => pair.Canonical, StringComparer.Ordinal)];
        _known = [.. _pool.Select(pair => pair.Canonical)];
        _seed = seed;
    }

    public IReadOnlyList<Node> For(Node item, int count)
    {
        var own = item.Canonical;
        var others = _pool.Length - (_known.Contains(own) ? 1 : 0);
        if (others < count)
            throw item.File.Broken(item.Place, $"{others} other records to take examples from", $"at least num_fewshot, {count}");
        var draws = new SplitMix64(BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"few-shot/{_seed}/{own}")))));
        var drawn = new List<int>(count);
        while (drawn.Count < count)
        {
            var index = draws.Below(_pool.Length);
            if (!drawn.Contains(index) && _pool[index].Canonical != own)
                drawn.Add(index);
        }

        return [.. drawn.Select(index => _pool[index].Record)];
    }
}
