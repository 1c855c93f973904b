namespace Sweep.Evaluation.Benchmarks;

/// <summary>
/// LAMBADA (Paperno et al. 2016): the last word of a passage, as {text}, as {context, continuation}, or as plain text with a passage a line. acc: greedy decoding writes the word; perplexity is
/// exp of minus the mean log-likelihood of the words. Group: the passage.
/// </summary>
internal sealed class LambadaBenchmark : LikelihoodBenchmark
{
    public override string Name => "lambada";

    public override PromptTemplate Template { get; } = new("lambada-prompt/1", "{passage}");

    public override string PrimaryMetric => "acc";

    public override IReadOnlyList<string> MetricNames => ["acc"];

    public override bool HasGoldPerplexity => true;

    public override ItemScore Score(EvaluationItem item, IReadOnlyList<ContinuationScore> continuations) =>
        new(new Dictionary<string, double> { ["acc"] = continuations[0].IsGreedy ? 1 : 0 }, false);

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        if (!file.HoldsRecords("text", "context"))
            return file.Text.Split('\n').Index().Where(line => !string.IsNullOrWhiteSpace(line.Item)).Select(line => Item(file, $"line {line.Index + 1}", line.Item.Trim(), null, line.Item.Trim()));
        return file.Records().Select(record => record.Find("continuation") is { } word
            ? Item(file, record.Place, record["context"].AsText() + " " + word.AsText().Trim(), record.Find("id")?.AsId(), record.Canonical)
            : Item(file, record.Place, record["text"].AsText(), record.Find("id")?.AsId(), record.Canonical));
    }

    private RawItem Item(DataFile file, string place, string text, string? id, string canonical)
    {
        var space = text.LastIndexOf(' ');
        if (space < 1 || space == text.Length - 1)
            throw file.Broken(place, "a text without a last word", "a passage and one space before its last word");
        return new RawItem(id, canonical, text, Template.Fill(("passage", text[..space])), [text[(space + 1)..]]);
    }
}
