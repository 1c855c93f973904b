namespace Sweep.Evaluation.Benchmarks;

/// <summary>Multiple choice as llm-foundry's files have it: {query, choices, gold}, the query as the whole prompt. Group: the query.</summary>
internal sealed class PlainChoiceBenchmark : ChoiceBenchmark
{
    public override string Name => "choice";

    public override PromptTemplate Template { get; } = new("choice-prompt/1", "{query}");

    public override string PrimaryMetric => "acc";

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        foreach (var record in file.Records())
        {
            var query = record["query"].AsText();
            string[] choices = [.. record["choices"].Elements().Select(choice => choice.AsText())];
            yield return Item(record, record.Find("id")?.AsId(), query, Template.Fill(("query", query)), choices, Index(record["gold"], choices.Length));
        }
    }
}
