namespace Sweep.Evaluation.Metrics.Text;

/// <summary>A language's code, its telling letters, its commonest words, and endings that are as common.</summary>
internal sealed record LanguageProfile(string Code, IReadOnlySet<char> Letters, IReadOnlySet<string> Words, IReadOnlyList<string> Endings)
{
    /// <summary>A line of "code letters word word ~ending ...", where a dash stands for no letters.</summary>
    public static LanguageProfile Parse(string line)
    {
        var parts = line.Trim().Split(' ');
        return new LanguageProfile(
            parts[0],
            parts.Length > 1 && parts[1] != "-" ? parts[1].ToHashSet() : new HashSet<char>(),
            parts.Skip(2).Where(part => part[0] != '~').ToHashSet(StringComparer.Ordinal),
            [.. parts.Skip(2).Where(part => part[0] == '~').Select(part => part[1..])]);
    }

    /// <summary>How much speaks for the language: two for each of its words and endings, one for each of its letters.</summary>
    public int Evidence(IEnumerable<string> words) => words.Sum(word => (IsOwn(word) ? 2 : 0) + word.Count(Letters.Contains));

    private bool IsOwn(string word) => Words.Contains(word) || Endings.Any(ending => word.Length > ending.Length && word.EndsWith(ending, StringComparison.Ordinal));
}
