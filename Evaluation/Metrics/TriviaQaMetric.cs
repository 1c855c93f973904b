namespace Sweep.Evaluation.Metrics;

/// <summary>TriviaQA's exact match and token F1 (triviaqa_evaluation.py of mandarjoshi90/triviaqa), the maximum over golds: punctuation parts words, where SQuAD's scorer joins them.</summary>
public static class TriviaQaMetric
{
    /// <summary>Lower case, spaces for punctuation (ASCII, and four quotes and accents), without articles, single spaces: "J.R.R. Tolkien" is "j r r tolkien".</summary>
    public static string Normalize(string text) =>
        AnswerText.Squeezed(AnswerText.WithoutArticles(AnswerText.SpacesForPunctuation(text.ToLowerInvariant(), "\u2018\u2019\u00B4`")));

    /// <summary>The best exact match and the best F1 over the golds, each in 0..1, and whether a gold and the response both normalise to nothing.</summary>
    public static (double Exact, double F1, bool Empty) Best(IReadOnlyList<string> golds, string response) => AnswerOverlap.Best(golds, response, Normalize);
}
