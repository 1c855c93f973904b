namespace Sweep.Evaluation.Metrics;

/// <summary>Exact match and token F1 of normalised answers, the maximum over golds.</summary>
internal static class AnswerOverlap
{
    public static (double Exact, double F1, bool Empty) Best(IReadOnlyList<string> golds, string response, Func<string, string> normalize)
    {
        var (exact, f1, empty) = (0.0, 0.0, false);
        var found = normalize(response);
        foreach (var gold in golds)
        {
            var expected = normalize(gold);
            exact = Math.Max(exact, expected == found ? 1 : 0);
            f1 = Math.Max(f1, TokenF1(expected, found));
            empty |= expected.Length == 0 && found.Length == 0;
        }

        return (exact, f1, empty);
    }

    private static double TokenF1(string gold, string response)
    {
        var expected = AnswerText.Words(gold);
        var found = AnswerText.Words(response);
        var left = expected.GroupBy(token => token, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        var common = 0;
        foreach (var token in found)
        {
            if (left.TryGetValue(token, out var count) && count > 0)
            {
                left[token] = count - 1;
                common++;
            }
        }

        if (common == 0)
            return 0;
        var precision = (double)common / found.Length;
        var recall = (double)common / expected.Length;
        return 2 * precision * recall / (precision + recall);
    }
}
