namespace Sweep.Contracts.Plans.Reading;

/// <summary>How far two short words are apart, for "is … meant?".</summary>
internal static class Spelling
{
    private const int Longest = 40;

    /// <summary>Insertions, deletions and replacements of one letter; words longer than any field's name are far from all.</summary>
    public static int Distance(string left, string right)
    {
        if (left.Length > Longest || right.Length > Longest)
            return int.MaxValue;
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
