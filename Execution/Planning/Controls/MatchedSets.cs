using System.Globalization;
using Sweep.Contracts.Plans;
using Sweep.Execution.Randomness;

namespace Sweep.Execution.Planning.Controls;

/// <summary>
/// Random sets of equal size that resemble the bottleneck in one score of the calibration text: each of its channels is replaced by a random one of the few channels outside
/// it whose score is nearest (in ratio) and that are not taken yet. What the set's total comes to, relative to the bottleneck's, stands in its recipe: the highest channels of
/// a site have none like them.
/// </summary>
internal static class MatchedSets
{
    private const int FewestChoices = 4;
    private const int MostTries = 1_000;
    private const double Smallest = 1e-30;

    /// <summary>At most <paramref name="count"/> different sets; none where fewer channels are left than replaced.</summary>
    public static IReadOnlyList<DrawnControl> Draw(ControlledBottleneck bottleneck, ControlKind kind, int count)
    {
        var sets = new List<DrawnControl>();
        if (count == 0 || bottleneck.Own.Index().Any(part => 2 * part.Item.Length > bottleneck.Parts[part.Index].Width))
            return sets;
        var scores = Enumerable.Range(0, bottleneck.Parts.Count).Select(part => kind == ControlKind.NormMatched ? bottleneck.Squares(part) : bottleneck.Variances(part)).ToArray();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var choices = Choices(bottleneck.Own.Sum(own => own.Length), count);
        for (var control = 0; control < count; control++)
        {
            var generator = new SeededGenerator(
                "sweep-matched-control/1", kind.ToString(), bottleneck.Seed.ToString(CultureInfo.InvariantCulture), bottleneck.WeightsHash, bottleneck.Bottleneck.Name,
                control.ToString(CultureInfo.InvariantCulture));
            if (Different(() => [.. bottleneck.Own.Select((own, part) => Replace(own, scores[part], choices, generator))], taken) is not { } set)
                break;
            sets.Add(new DrawnControl { Kind = kind, Recipe = Recipe(bottleneck, kind, scores, set), Channels = set });
        }

        return sets;
    }

    /// <summary>From how many channels each is drawn, so that a few times as many sets exist as are wanted.</summary>
    private static int Choices(int size, int count)
    {
        var choices = FewestChoices;
        while (size * Math.Log(choices) < Math.Log(4.0 * Math.Max(1, count)))
            choices++;
        return choices;
    }

    private static int[][]? Different(Func<int[][]> draw, HashSet<string> taken)
    {
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            var set = draw();
            if (taken.Add(string.Join('|', set.Select(part => string.Join(',', part)))))
                return set;
        }

        return null;
    }

    private static int[] Replace(int[] own, IReadOnlyList<double> scores, int choices, SeededGenerator generator)
    {
        var left = Enumerable.Range(0, scores.Count).Except(own).OrderBy(channel => scores[channel]).ThenBy(channel => channel).ToList();
        var replaced = new int[own.Length];
        for (var index = 0; index < own.Length; index++)
        {
            var (first, length) = Nearest(left, scores, Log(scores[own[index]]), choices);
            var at = first + generator.Below(length);
            replaced[index] = left[at];
            left.RemoveAt(at);
        }

        Array.Sort(replaced);
        return replaced;
    }

    /// <summary>The run of sorted channels that are nearest to a score.</summary>
    private static (int First, int Length) Nearest(List<int> sorted, IReadOnlyList<double> scores, double wanted, int choices)
    {
        var (low, high) = (0, sorted.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Log(scores[sorted[middle]]) < wanted)
                low = middle + 1;
            else
                high = middle;
        }

        var (first, end) = (low, low);
        while (end - first < Math.Min(choices, sorted.Count))
        {
            if (first > 0 && (end == sorted.Count || wanted - Log(scores[sorted[first - 1]]) <= Log(scores[sorted[end]]) - wanted))
                first--;
            else
                end++;
        }

        return (first, end - first);
    }

    private static double Log(double score) => Math.Log(Math.Max(score, Smallest));

    private static string Recipe(ControlledBottleneck bottleneck, ControlKind kind, IReadOnlyList<double>[] scores, int[][] set)
    {
        double Total(IReadOnlyList<int[]> sets) => sets.Select((channels, part) => channels.Sum(channel => scores[part][channel])).Sum();
        var ratio = Total(set) / Math.Max(Total(bottleneck.Own), Smallest);
        var name = kind == ControlKind.NormMatched ? "norm" : "variance";
        var share = kind == ControlKind.NormMatched ? Math.Sqrt(ratio) : ratio;
        return string.Create(CultureInfo.InvariantCulture, $"{name}-matched {set.Sum(part => part.Length)} ({name} ×{share:0.00})");
    }
}
