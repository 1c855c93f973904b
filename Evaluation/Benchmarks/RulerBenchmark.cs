using Sweep.Evaluation.Metrics;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>RULER (Hsieh et al. 2024) records: input, outputs, optional answer_prefix. The score is the share of references contained. Group: the prompt.</summary>
internal sealed class RulerBenchmark : Benchmark
{
    public override string Name => "ruler";

    public override string PrimaryMetric => "contained";

    public override IReadOnlyList<string> MetricNames => ["contained", "lenient"];

    public override int MaxNewTokens => 32;

    public override ItemScore Score(EvaluationItem item, string response) => new(
        new Dictionary<string, double>
        {
            ["contained"] = RulerMetric.ShareContained(item.Golds, response),
            ["lenient"] = LenientMatch.Matches(item.Golds, response) ? 1 : 0,
        },
        false);

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        foreach (var record in file.Lines())
        {
            var input = record["input"].AsText();
            var prefix = record.Find("answer_prefix")?.AsText() ?? "";
            string[] references = [.. record["outputs"].Elements().Select(output => output.AsText())];

            // The question is the last line: what comes before it is the haystack that may be cut.
            var question = input.LastIndexOf('\n');
            var first = input.IndexOf('\n', StringComparison.Ordinal);
            var (head, context, tail) = question > first && first >= 0
                ? (input[..(first + 1)], input[(first + 1)..question], input[question..])
                : ("", "", input);
            yield return new RawItem(null, record.Raw, input + prefix, head, context, tail + prefix, references)
            {
                ContinuedGolds = [string.Join(", ", references)],
            };
        }
    }
}
