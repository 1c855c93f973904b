namespace Sweep.Evaluation.Ruler;

/// <summary>A question with the documents that answer it, by index into all documents.</summary>
/// <param name="Related">Of the same article: the first distractors.</param>
internal sealed record RulerQuestion(string Text, IReadOnlyList<string> Answers, IReadOnlyList<int> Documents, IReadOnlyList<int> Related);

/// <summary>qa: a question among documents, most of which do not answer it. A unit is a document.</summary>
internal sealed class QuestionTask(string name, Func<(IReadOnlyList<string> Documents, IReadOnlyList<RulerQuestion> Questions)> source, long seed) : RulerTask
{
    private const string Order = "Answer the question based on the given documents. Only give me the answer and do not output any other words.";

    public override string Name => name;

    public override int AnswerTokens => 32;

    public override int FewestUnits => 1;

    public override int Step(int length) => 10;

    public override RulerPrompt Make(int index, int units)
    {
        var (documents, questions) = source();
        if (index >= questions.Count)
            throw new RulerSourceException($"{name}: found {questions.Count} questions, expected at least {index + 1}, one a sample");
        var question = questions[index];
        var draws = new RulerDraws(seed, $"{name}/{index}");
        List<int> chosen = [.. question.Documents];
        var known = chosen.ToHashSet();
        int[] related = [.. question.Related];
        draws.Shuffle(related);
        Take(related);
        if (chosen.Count < units)
        {
            int[] others = [.. Enumerable.Range(0, documents.Count)];
            draws.Shuffle(others);
            Take(others);
        }

        // More than there are: the whole list again, as often as it takes.
        var all = chosen.Count;
        for (var next = 0; chosen.Count < units; next++)
            chosen.Add(chosen[next % all]);
        draws.Shuffle(chosen);
        var context = string.Join("\n\n", chosen.Select((document, place) => FormattableString.Invariant($"Document {place + 1}:\n{documents[document]}")));
        return new RulerPrompt($"{Order}\n\nThe following are given documents.\n\n{context}\n\n{Order}\n\nQuestion: {question.Text}", " Answer:", question.Answers);

        void Take(int[] candidates)
        {
            foreach (var document in candidates)
            {
                if (chosen.Count >= units)
                    break;
                if (known.Add(document))
                    chosen.Add(document);
            }
        }
    }
}
