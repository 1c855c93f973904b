namespace Sweep.Evaluation.Benchmarks;

/// <summary>PIQA (Bisk et al. 2020): {goal, sol1, sol2, label}; published with the labels in a file of their own, which must stand in the records. Group: the goal.</summary>
internal sealed class PiqaBenchmark : ChoiceBenchmark
{
    public override string Name => "piqa";

    public override PromptTemplate Template { get; } = new("piqa-prompt/1", "Question: {goal}\nAnswer:");

    public override string PrimaryMetric => "acc";

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        foreach (var record in file.Records())
        {
            var goal = record["goal"].AsText();
            string[] solutions = [record["sol1"].AsText(), record["sol2"].AsText()];
            var label = record.Find("label") ?? throw file.Broken($"{record.Place}.label", "nothing", "0 or 1: the published labels stand in a file of their own, line by line");
            yield return Item(record, record.Find("id")?.AsId(), goal, Template.Fill(("goal", goal)), solutions, Index(label, 2));
        }
    }
}
