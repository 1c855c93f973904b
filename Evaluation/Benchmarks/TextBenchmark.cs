namespace Sweep.Evaluation.Benchmarks;

/// <summary>Perplexity of plain text: jsonl of {id, half, text}, of which the half "perplexity" where halves are named, or plain text (TextDocuments). Group: the document.</summary>
internal sealed class TextBenchmark : Benchmark
{
    public override string Name => "text";

    public override PromptTemplate Template { get; } = new("text-prompt/1", "{text}", "text");

    public override string PrimaryMetric => "perplexity";

    public override IReadOnlyList<string> MetricNames => [];

    public override int MaxNewTokens => 0;

    public override IReadOnlyList<string> Stops => [];

    public override bool IsText => true;

    public override bool HasGolds => false;

    public override ItemScore Score(EvaluationItem item, string response) => throw new NotSupportedException("a text has no response to score");

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        if (!file.Text.TrimStart().StartsWith('{'))
        {
            return TextDocuments.Split(file.Text).Select(text => new RawItem(null, text, text, Template.Fill(("text", text)), []));
        }

        return file.Lines().Where(record => IsMeasured(file, record)).Select(record =>
        {
            var text = record["text"].AsText();
            return new RawItem(record.Find("id")?.AsId(), record.Canonical, text, Template.Fill(("text", text)), []);
        });
    }

    private static bool IsMeasured(DataFile file, Node record) => record.Find("half") is not { } half || half.AsText() switch
    {
        "perplexity" => true,
        "calibration" => false,
        var other => throw file.Broken(half.Place, $"'{other}'", "calibration or perplexity"),
    };
}
