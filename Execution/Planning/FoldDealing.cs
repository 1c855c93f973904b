using System.Globalization;
using Sweep.Execution.Randomness;

namespace Sweep.Execution.Planning;

/// <summary>Deals groups into folds whose numbers of groups differ by at most one; a function of the names and the seed, whatever their order.</summary>
internal static class FoldDealing
{
    /// <summary>The fold of every group; with fewer groups than folds each has a fold of its own.</summary>
    public static IReadOnlyDictionary<string, int> Deal(IEnumerable<string> groups, int folds, long seed)
    {
        var names = groups.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var generator = new SeededGenerator("sweep-folds/1", seed.ToString(CultureInfo.InvariantCulture));
        for (var index = names.Length - 1; index > 0; index--)
        {
            var other = generator.Below(index + 1);
            (names[index], names[other]) = (names[other], names[index]);
        }

        return names.Index().ToDictionary(pair => pair.Item, pair => pair.Index % folds, StringComparer.Ordinal);
    }
}
