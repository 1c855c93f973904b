namespace Sweep.Evaluation.Benchmarks;

/// <summary>
/// Perplexity of plain text: records of {id, half, text}, of which the half "perplexity" where halves are named, or plain text (TextDocuments); rows of Parquet with a line of WikiText each are
/// plain text too. Group: the document.
/// </summary>
internal sealed class TextBenchmark : PerplexityBenchmark
{
    public override string Name => "text";

    public override PromptTemplate Template { get; } = new("text-prompt/1", "{text}", "text");

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        if (!file.HoldsRecords() && !file.Text.TrimStart().StartsWith('{'))
            return TextDocuments.Split(file.Text).Select(Document);
        var records = file.Records().Where(record => IsMeasured(file, record)).ToArray();
        return file.IsParquet && Titled(records) is { } text
            ? TextDocuments.Split(text).Select(Document)
            : records.Select(record => new RawItem(record.Find("id")?.AsId(), record.Canonical, record["text"].AsText(), Template.Fill(("text", record["text"].AsText())), []));
    }

    private RawItem Document(string text) => new(null, text, text, Template.Fill(("text", text)), []);

    /// <summary>WikiText is served with a line of it a row: its documents begin at title lines. Null: the rows are documents.</summary>
    private static string? Titled(Node[] rows)
    {
        string[] lines = [.. rows.Select(row => row["text"].AsText())];
        return lines.Any(TextDocuments.IsTitle) ? string.Concat(lines.Select(line => line.EndsWith('\n') ? line : line + "\n")) : null;
    }

    private static bool IsMeasured(DataFile file, Node record) => record.Find("half") is not { } half || half.AsText() switch
    {
        "perplexity" => true,
        "calibration" => false,
        var other => throw file.Broken(half.Place, $"'{other}'", "calibration or perplexity"),
    };
}
