namespace Sweep.Evaluation.Benchmarks;

/// <summary>SQuAD v1.1 (Rajpurkar et al. 2016): data → paragraphs → qas. Group: the passage.</summary>
internal sealed class SquadBenchmark : AnswerBenchmark
{
    public override string Name => "squad";

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        foreach (var article in file.Json()["data"].Elements())
        {
            foreach (var paragraph in article["paragraphs"].Elements())
            {
                var context = paragraph["context"].AsText();
                foreach (var question in paragraph["qas"].Elements())
                {
                    var asked = question["question"].AsText();
                    string[] golds = [.. question["answers"].Elements().Select(answer => answer["text"].AsText()).Distinct(StringComparer.Ordinal)];
                    yield return new RawItem(question["id"].AsId(), question.Canonical + context, context, "Context: ", context, $"\nQuestion: {asked}\nAnswer:", golds);
                }
            }
        }
    }
}
