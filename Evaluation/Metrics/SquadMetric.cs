namespace Sweep.Evaluation.Metrics;

/// <summary>SQuAD v1.1's exact match and token F1 (evaluate-v1.1.py), the maximum over golds.</summary>
public static class SquadMetric
{
    /// <summary>Lower case, without ASCII punctuation and articles, single spaces.</summary>
    public static string Normalize(string text) =>
        AnswerText.Squeezed(AnswerText.WithoutArticles(AnswerText.WithoutPunctuation(text.ToLowerInvariant())));

    /// <summary>The best exact match and the best F1 over the golds, each in 0..1, and whether a gold and the response both normalise to nothing.</summary>
    public static (double Exact, double F1, bool Empty) Best(IReadOnlyList<string> golds, string response)
    {
        var (exact, f1, empty) = (0.0, 0.0, false);
        var found = Normalize(response);
        foreach (var gold in golds)
        {
            var expected = Normalize(gold);
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
