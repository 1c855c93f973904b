using System.Numerics;

namespace Sweep.Evaluation.Statistics;

/// <summary>
/// Studentised sign-flip max-statistic (Westfall and Young 1993, single step). A member's statistic is t = Σ s / √(Σ s²) over its group sums s: without an effect, whatever
/// the |s|, its sign flips have mean 0 and variance 1. One sign is drawn a group and shared by all members of the block, so that their dependence is kept; each member's |t|
/// is compared with the family's largest |t| of every draw. In ≤ 5 % of families without any effect is a corrected p below 5 %.
/// </summary>
public static class MaxStatistic
{
    /// <summary>In units of t: statistics closer than this are the same one, rounded differently.</summary>
    private const double Rounding = 1e-10;

    /// <summary>
    /// t and the corrected two-sided p of every member, in the family's order. All flips are gone through where they fit into the draws. It depends neither on the order of
    /// items nor on that of members. A member on which nothing moved has t = 0 and p = 1. Cost: draws · groups · members of each block.
    /// </summary>
    public static IReadOnlyList<(double T, double P)> Test(IReadOnlyList<FamilyMember> family, long seed, int draws = SignFlipTest.DefaultDraws)
    {
        var blocks = family.Select((member, index) => (member.Block, index)).GroupBy(pair => pair.Block, pair => pair.index, StringComparer.Ordinal)
            .OrderBy(block => block.Key, StringComparer.Ordinal)
            .Select(block => new Block(family, [.. block]))
            .ToArray();
        var patterns = new SignPatterns(blocks.Sum(block => block.Groups), draws, seed);
        var largest = new double[patterns.Count];
        for (var i = 0; i < largest.Length; i++)
        {
            var flipped = patterns.Next(i);
            foreach (var block in blocks)
            {
                largest[i] = Math.Max(largest[i], block.Largest(flipped[..block.Groups]));
                flipped = flipped[block.Groups..];
            }
        }

        Array.Sort(largest);
        var results = new (double T, double P)[family.Count];
        foreach (var (member, t) in blocks.SelectMany(block => block.Observed()))
            results[member] = (t, patterns.P(largest.Length - Below(largest, Math.Abs(t) - Rounding)));
        return results;
    }

    /// <summary>How many of the sorted values are below the threshold.</summary>
    private static int Below(double[] sorted, double threshold)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < threshold)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>Members that share groups: s / √(Σ s²) by group (row) and member (column), columns padded to whole vectors. Rows are added one by one, so that every width of vector gives the same sums.</summary>
    private sealed class Block
    {
        private readonly int[] _members;
        private readonly Vector<double>[][] _rows;
        private readonly Vector<double>[] _sums;

        public Block(IReadOnlyList<FamilyMember> family, int[] members)
        {
            _members = members;
            var sums = members.Select(member => GroupSums.Ordered(family[member].Differences, family[member].Groups, family[member].Weights)).ToArray();
            var names = sums.SelectMany(ofMember => ofMember.Select(group => group.Group)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
            var index = names.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
            var width = (members.Length + Vector<double>.Count - 1) / Vector<double>.Count;
            var values = new double[names.Length][];
            for (var group = 0; group < values.Length; group++)
                values[group] = new double[width * Vector<double>.Count];
            foreach (var (column, ofMember) in sums.Index())
            {
                var scale = Math.Sqrt(ofMember.Sum(group => group.Sum * group.Sum));
                foreach (var (name, sum, _) in ofMember)
                    values[index[name]][column] = scale > 0 ? sum / scale : 0;
            }

            _rows = [.. values.Select(row => Enumerable.Range(0, width).Select(i => new Vector<double>(row, i * Vector<double>.Count)).ToArray())];
            _sums = new Vector<double>[width];
        }

        public int Groups => _rows.Length;

        public IEnumerable<(int Member, double T)> Observed()
        {
            _ = Largest(new bool[Groups]);
            return _members.Select((member, column) => (member, _sums[column / Vector<double>.Count][column % Vector<double>.Count]));
        }

        /// <summary>The largest |t| of the members under these flips.</summary>
        public double Largest(ReadOnlySpan<bool> flipped)
        {
            Array.Clear(_sums);
            for (var group = 0; group < flipped.Length; group++)
            {
                var row = _rows[group];
                if (flipped[group])
                {
                    for (var i = 0; i < row.Length; i++)
                        _sums[i] -= row[i];
                }
                else
                {
                    for (var i = 0; i < row.Length; i++)
                        _sums[i] += row[i];
                }
            }

            var largest = Vector<double>.Zero;
            foreach (var sum in _sums)
                largest = Vector.Max(largest, Vector.Abs(sum));
            var result = 0.0;
            for (var i = 0; i < Vector<double>.Count; i++)
                result = Math.Max(result, largest[i]);
            return result;
        }
    }
}
