namespace Sweep.Evaluation.Benchmarks;

/// <summary>
/// ARC, easy and challenge (Clark et al. 2018): {id, question: {stem, choices: [{text, label}]}, answerKey} as published, or {id, question, choices: {text: [...], label: [...]}, answerKey} as
/// it is served in Parquet. Group: the question.
/// </summary>
internal sealed class ArcBenchmark : ChoiceBenchmark
{
    public override string Name => "arc";

    public override PromptTemplate Template { get; } = new("arc-prompt/1", "Question: {question}\nAnswer:");

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        foreach (var record in file.Records())
        {
            var asked = record["question"];
            var isNested = asked.Find("stem") is not null;
            var question = (isNested ? asked["stem"] : asked).AsText();
            string[] Column(string name) => isNested
                ? [.. asked["choices"].Elements().Select(choice => choice[name].AsText())]
                : [.. record["choices"][name].Elements().Select(value => value.AsText())];
            var (texts, labels) = (Column("text"), Column("label"));
            var key = record["answerKey"].AsId();
            var gold = Array.IndexOf(labels, key);
            if (gold < 0 || gold >= texts.Length)
                throw file.Broken($"{record.Place}.answerKey", $"'{key}'", $"one of {string.Join(", ", labels)}");
            yield return Item(record, record.Find("id")?.AsId(), question, Template.Fill(("question", question)), texts, gold);
        }
    }
}
