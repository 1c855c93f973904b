using System.Text.RegularExpressions;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>
/// HellaSwag (Zellers et al. 2019): {activity_label, ctx_a, ctx_b, endings, label, source_id}. Brackets of WikiHow's headings are taken out and the second sentence's start is capitalised, as
/// lm-evaluation-harness does. Group: the video or article.
/// </summary>
internal sealed partial class HellaSwagBenchmark : ChoiceBenchmark
{
    public override string Name => "hellaswag";

    public override PromptTemplate Template { get; } = new("hellaswag-prompt/1", "{activity}: {context}");

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        foreach (var record in file.Records())
        {
            var context = $"{record["ctx_a"].AsText()} {Capitalized(record["ctx_b"].AsText())}";
            // The activity and the context are cleaned as one text: white space is trimmed at its ends only.
            var whole = Cleaned($"{record["activity_label"].AsText()}: {context}");
            var at = whole.IndexOf(": ", StringComparison.Ordinal);
            var prompt = at < 0 ? new FilledPrompt("", "", whole) : Template.Fill(("activity", whole[..at]), ("context", whole[(at + 2)..]));
            string[] endings = [.. record["endings"].Elements().Select(ending => Cleaned(ending.AsText()))];
            var gold = Index(record["label"], endings.Length);
            yield return Item(record, record.Find("ind")?.AsId(), record.Find("source_id")?.AsId() ?? whole, prompt, endings, gold);
        }
    }

    /// <summary>First letter upper case, the others lower, as Python's capitalize has it.</summary>
    private static string Capitalized(string text) => text.Length == 0 ? "" : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    private static string Cleaned(string text) =>
        Brackets().Replace(text.Trim().Replace(" [title]", ". ", StringComparison.Ordinal), "").Replace("  ", " ", StringComparison.Ordinal);

    [GeneratedRegex(@"\[.*?\]", RegexOptions.CultureInvariant)]
    private static partial Regex Brackets();
}
