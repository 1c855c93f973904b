namespace Sweep.Evaluation.Benchmarks;

/// <summary>
/// Perplexity of a whole file as one text, as WikiText-2's is usually published: plain text as it is, or the texts of records joined by an empty line. It is one item, and so long that it is
/// read in windows.
/// </summary>
internal sealed class CorpusBenchmark : PerplexityBenchmark
{
    public override string Name => "corpus";

    public override PromptTemplate Template { get; } = new("corpus-prompt/1", "{text}", "text");

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        var text = file.HoldsRecords("text") ? string.Join("\n\n", file.Records().Select(record => record["text"].AsText())) : file.Text;
        return string.IsNullOrWhiteSpace(text) ? [] : [new RawItem(null, text, text, Template.Fill(("text", text)), [])];
    }
}
