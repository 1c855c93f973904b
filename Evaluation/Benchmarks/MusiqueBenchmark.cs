namespace Sweep.Evaluation.Benchmarks;

/// <summary>MuSiQue-Ans (Trivedi et al. 2022): all paragraphs in order, joined by one space; golds are the answer and its aliases. Group: the paragraphs.</summary>
internal sealed class MusiqueBenchmark : AnswerBenchmark
{
    public override string Name => "musique";

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        foreach (var record in file.Lines())
        {
            var context = string.Join(' ', record["paragraphs"].Elements().Select(paragraph => paragraph["paragraph_text"].AsText()));
            var aliases = record.Find("answer_aliases")?.Elements().Select(alias => alias.AsText()) ?? [];
            var question = record["question"].AsText();
            string[] golds = [.. new[] { record["answer"].AsText() }.Concat(aliases).Distinct(StringComparer.Ordinal)];
            yield return new RawItem(record["id"].AsId(), record.Raw, context, "Context: ", context, $"\nQuestion: {question}\nAnswer:", golds);
        }
    }
}
