using System.Text.Json;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>
/// SQuAD v1.1 (Rajpurkar et al. 2016): data → paragraphs → qas; also records of {id, context, question, answers: {text: [...]}}, as data sets are served in Parquet. Group: the passage.
/// </summary>
internal sealed class SquadBenchmark : AnswerBenchmark
{
    public override string Name => "squad";

    public override PromptTemplate Template { get; } = new("squad-prompt/1", "Context: {context}\nQuestion: {question}\nAnswer:", "context");

    internal override IEnumerable<RawItem> Parse(DataFile file) => file.HoldsRecords("context")
        ? file.Records().Select(record => Item(record, record["context"].AsText(), Texts(record["answers"])))
        : Nested(file);

    private IEnumerable<RawItem> Nested(DataFile file)
    {
        foreach (var article in file.Json()["data"].Elements())
        {
            foreach (var paragraph in article["paragraphs"].Elements())
            {
                var context = paragraph["context"].AsText();
                foreach (var question in paragraph["qas"].Elements())
                    yield return Item(question, context, Texts(question["answers"]));
            }
        }
    }

    private RawItem Item(Node question, string context, IEnumerable<string> golds) => new(
        question["id"].AsId(),
        question.Canonical + context,
        context,
        Template.Fill(("context", context), ("question", question["question"].AsText())),
        [.. golds.Distinct(StringComparer.Ordinal)]);

    /// <summary>A list of answers, or one answer that holds a list of texts.</summary>
    private static IEnumerable<string> Texts(Node answers) =>
        answers.Value.ValueKind == JsonValueKind.Object ? answers["text"].Elements().Select(text => text.AsText()) : answers.Elements().Select(answer => answer["text"].AsText());
}
