namespace Sweep.Evaluation.Benchmarks;

/// <summary>Perplexity of plain text: jsonl of {id, half, text}, of which the half "perplexity" where halves are named, or text whose documents blank lines separate. Group: the document.</summary>
internal sealed class TextBenchmark : Benchmark
{
    public override string Name => "text";

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
            return file.Text.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(text => new RawItem(null, text, text, "", text, "", []));
        }

        return file.Lines().Where(record => record.Find("half") is not { } half || half.AsText() == "perplexity").Select(record =>
        {
            var text = record["text"].AsText();
            return new RawItem(record.Find("id")?.AsId(), record.Raw, text, "", text, "", []);
        });
    }
}
