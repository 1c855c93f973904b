namespace Sweep.Evaluation.Metrics;

/// <summary>SQuAD v1.1's exact match and token F1 (evaluate-v1.1.py), the maximum over golds. MuSiQue's scorer normalises in the same way.</summary>
public static class SquadMetric
{
    /// <summary>Lower case, without ASCII punctuation and articles, single spaces.</summary>
    public static string Normalize(string text) =>
        AnswerText.Squeezed(AnswerText.WithoutArticles(AnswerText.WithoutPunctuation(text.ToLowerInvariant())));

    /// <summary>The best exact match and the best F1 over the golds, each in 0..1, and whether a gold and the response both normalise to nothing.</summary>
    public static (double Exact, double F1, bool Empty) Best(IReadOnlyList<string> golds, string response) => AnswerOverlap.Best(golds, response, Normalize);
}
