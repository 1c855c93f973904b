using System.Globalization;
using Sweep.Models.Identification;

namespace Sweep.Execution.Identification;

/// <summary>Which positions of a pair of prompts are swapped together.</summary>
public static class PatchedPositions
{
    /// <summary>All of them.</summary>
    public const string All = "all";

    /// <summary>
    /// The subject, which is everything from the first token that differs between the prompts to the last one, its first and its last token by themselves, what lies between the subject
    /// and the prompt's last token, and that one.
    /// </summary>
    public const string Groups = "groups";

    /// <summary>Each by itself.</summary>
    public const string Each = "each";

    private static readonly string[] GroupNames = ["subject", "subject_first", "subject_last", "after", "last"];

    public static IReadOnlyList<string> Words { get; } = [All, Groups, Each];

    /// <summary>What the columns are called; where each position is one, all pairs must have as many.</summary>
    internal static IReadOnlyList<string> Names(string word, IReadOnlyList<PromptPair> pairs, List<string> problems)
    {
        if (!Words.Contains(word))
            problems.Add($"positions: found '{word}', expected one of {string.Join(", ", Words)}");
        if (word != Each)
            return word == Groups ? GroupNames : [];
        var (shortest, longest) = (pairs.Min(pair => pair.Clean.Count), pairs.Max(pair => pair.Clean.Count));
        if (shortest != longest)
            problems.Add($"positions: found pairs of {shortest} to {longest} tokens, expected as many in all of them for '{Each}'; '{Groups}' compares prompts of any length");
        return [.. Enumerable.Range(0, longest).Select(position => position.ToString(CultureInfo.InvariantCulture))];
    }

    /// <summary>The positions of each column in this pair; empty: it has none such.</summary>
    internal static IReadOnlyList<int[]> Of(string word, PromptPair pair)
    {
        var positions = Enumerable.Range(0, pair.Clean.Count);
        if (word != Groups)
            return word == Each ? [.. positions.Select(position => (int[])[position])] : [];
        int[] differing = [.. positions.Where(position => pair.Clean[position] != pair.Corrupted[position])];
        var last = pair.Clean.Count - 1;
        if (differing.Length == 0)
            return [[], [], [], [], [last]];
        var (first, end) = (differing[0], differing[^1]);
        return [[.. Enumerable.Range(first, end - first + 1)], [first], [end], [.. Enumerable.Range(end + 1, Math.Max(0, last - end - 1))], [last]];
    }

    /// <summary>The same swap at each of these; where there are no positions there is no swap.</summary>
    internal static IEnumerable<(int Column, Patch Patch)> At(Patch patch, IReadOnlyList<int[]> columns) =>
        columns.Index().Where(column => column.Item.Length > 0).Select(column => (column.Index, patch with { Positions = column.Item }));
}
