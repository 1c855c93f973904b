using Sweep.Evaluation.Metrics;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>
/// RULER (Hsieh et al. 2024) records: input, outputs, optional answer_prefix. The score is the share of references contained, in question
/// answering (qa_1, qa_2) whether any is. The task is the record's, else the file's name or, where that is RULER's "validation", its folder's. Group: the prompt.
/// </summary>
internal sealed class RulerBenchmark : Benchmark
{
    public override string Name => "ruler";

    /// <summary>The record's input in three parts, and its answer_prefix.</summary>
    public override PromptTemplate Template { get; } = new("ruler-prompt/1", "{head}{haystack}{question}{answer_prefix}", "haystack");

    public override string MetricVersion => "ruler-metric/2";

    public override string PrimaryMetric => "contained";

    public override IReadOnlyList<string> MetricNames => ["contained", "lenient"];

    public override int MaxNewTokens => 32;

    public override ItemScore Score(EvaluationItem item, string response) => new(
        new Dictionary<string, double>
        {
            ["contained"] = item.AnyGold
                ? RulerMetric.AnyContained(item.Golds, response)
                : RulerMetric.ShareContained(item.Golds, response),
            ["lenient"] = LenientMatch.Matches(item.Golds, response) ? 1 : 0,
        },
        false);

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        var stem = Path.GetFileNameWithoutExtension(file.Path);
        var taskOfFile = stem == "validation" ? Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file.Path))) ?? "" : stem;
        foreach (var record in file.Records())
        {
            var input = record["input"].AsText();
            var task = record.Find("task")?.AsText() ?? taskOfFile;
            var prefix = record.Find("answer_prefix")?.AsText() ?? "";
            string[] references = [.. record["outputs"].Elements().Select(output => output.AsText())];

            // The question is the last line: what comes before it is the haystack that may be cut.
            var question = input.LastIndexOf('\n');
            var first = input.IndexOf('\n', StringComparison.Ordinal);
            var (head, haystack, tail) = question > first && first >= 0
                ? (input[..(first + 1)], input[(first + 1)..question], input[question..])
                : ("", "", input);
            var prompt = Template.Fill(("head", head), ("haystack", haystack), ("question", tail), ("answer_prefix", prefix));
            yield return new RawItem(null, record.Canonical, input + prefix, prompt, references)
            {
                Documents = [input],
                AnyGold = task == "qa" || task.StartsWith("qa_", StringComparison.Ordinal),
                ContinuedGolds = [string.Join(", ", references)],
            };
        }
    }
}
