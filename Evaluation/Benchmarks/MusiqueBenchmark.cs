namespace Sweep.Evaluation.Benchmarks;

/// <summary>MuSiQue-Ans (Trivedi et al. 2022): all paragraphs in order, joined by one space; golds are the answer and its aliases. Group: the paragraphs.</summary>
internal sealed class MusiqueBenchmark : AnswerBenchmark
{
    public override string Name => "musique";

    public override PromptTemplate Template { get; } = new("musique-prompt/1", "Context: {context}\nQuestion: {question}\nAnswer:", "context");

    public override string MetricVersion => "musique-metric/3";

    /// <summary>MuSiQue's scorer follows SQuAD v2.0: where answer or gold normalises to nothing, F1 is 1 if both do.</summary>
    protected override bool EmptyAnswersAgree => true;

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        foreach (var record in file.Records())
        {
            string[] paragraphs = [.. record["paragraphs"].Elements().Select(paragraph => paragraph["paragraph_text"].AsText())];
            var context = string.Join(' ', paragraphs);
            var aliases = record.Find("answer_aliases")?.Elements().Select(alias => alias.AsText()) ?? [];
            if (record.Find("answerable") is { Value.ValueKind: not System.Text.Json.JsonValueKind.True } answerable)
                throw file.Broken(answerable.Place, answerable.Value.ToString(), "true: MuSiQue-Ans has answerable questions only");
            var prompt = Template.Fill(("context", context), ("question", record["question"].AsText()));
            string[] golds = [.. new[] { record["answer"].AsText() }.Concat(aliases).Distinct(StringComparer.Ordinal)];
            yield return new RawItem(record["id"].AsId(), record.Canonical, context, prompt, golds) { Documents = paragraphs };
        }
    }
}
