namespace Sweep.Evaluation.Metrics;

/// <summary>
/// The substring match of arXiv 2602.22719's authors: gold or an alternative contained in the response, equal first word, or equal first number. Unlike some of their
/// scripts it never accepts an empty response or an empty gold.
/// </summary>
public static class LenientMatch
{
    public static bool Matches(IReadOnlyList<string> golds, string response)
    {
        var found = response.Trim().ToLowerInvariant();
        if (found.Length == 0)
            return false;
        var answers = golds.Select(gold => gold.Trim().ToLowerInvariant()).Where(gold => gold.Length > 0).ToArray();
        if (answers.Length == 0)
            return false;
        if (answers.Any(answer => found.Contains(answer, StringComparison.Ordinal)))
            return true;
        var gold = answers[0];
        if (found.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0] == gold)
            return true;
        return gold.All(char.IsAsciiDigit) && FirstDigits(found) == gold;
    }

    private static string FirstDigits(string text) => string.Concat(text.SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(char.IsAsciiDigit));
}
