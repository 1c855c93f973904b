namespace Sweep.Evaluation.Benchmarks;

/// <summary>SQuAD v1.1 (Rajpurkar et al. 2016): data → paragraphs → qas. Group: the passage.</summary>
internal sealed class SquadBenchmark : AnswerBenchmark
{
    public override string Name => "squad";

    public override PromptTemplate Template { get; } = new("squad-prompt/1", "Context: {context}\nQuestion: {question}\nAnswer:", "context");

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        foreach (var article in file.Json()["data"].Elements())
        {
            foreach (var paragraph in article["paragraphs"].Elements())
            {
                var context = paragraph["context"].AsText();
                foreach (var question in paragraph["qas"].Elements())
                {
                    var prompt = Template.Fill(("context", context), ("question", question["question"].AsText()));
                    string[] golds = [.. question["answers"].Elements().Select(answer => answer["text"].AsText()).Distinct(StringComparer.Ordinal)];
                    yield return new RawItem(question["id"].AsId(), question.Canonical + context, context, prompt, golds);
                }
            }
        }
    }
}
