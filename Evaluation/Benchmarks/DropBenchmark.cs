using Sweep.Evaluation.Metrics;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>DROP (Dua et al. 2019): passages with qa_pairs; an answer is a number, a date or spans. Group: the passage.</summary>
internal sealed class DropBenchmark : Benchmark
{
    public override string Name => "drop";

    public override PromptTemplate Template { get; } = new("drop-prompt/1", "Passage: {passage}\nQuestion: {question}\nAnswer:", "passage");

    public override string MetricVersion => "drop-metric/2";

    public override string PrimaryMetric => "em";

    public override IReadOnlyList<string> MetricNames => ["em", "f1", "lenient"];

    public override int MaxNewTokens => 24;

    public override bool TakesSpans => true;

    public override ItemScore Score(EvaluationItem item, string response) => Score(item, [response.Trim()]);

    public override ItemScore Score(EvaluationItem item, IReadOnlyList<string> spans)
    {
        var (exact, f1) = DropMetric.Best(item.Answers!, spans);
        var response = string.Join(", ", spans);
        return new ItemScore(
            new Dictionary<string, double> { ["em"] = exact, ["f1"] = f1, ["lenient"] = LenientMatch.Matches(item.Golds, response) ? 1 : 0 },
            DropMetric.Normalize(response).Length == 0 && item.Golds.Any(gold => DropMetric.Normalize(gold).Length == 0));
    }

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        foreach (var (_, passage) in file.Json().Members())
        {
            var text = passage["passage"].AsText();
            foreach (var pair in passage["qa_pairs"].Elements())
            {
                var prompt = Template.Fill(("passage", text), ("question", pair["question"].AsText()));
                IReadOnlyList<string>[] answers =
                    [Spans(pair["answer"]), .. (pair.Find("validated_answers")?.Elements() ?? []).Select(Spans).Where(spans => spans.Length > 0)];
                string[] golds = [.. answers.Select(spans => string.Join(", ", spans)).Distinct(StringComparer.Ordinal)];
                yield return new RawItem(pair.Find("query_id")?.AsId(), pair.Canonical + text, text, prompt, golds)
                {
                    Answers = answers,
                };
            }
        }
    }

    /// <summary>The official order: number, else spans, else date as "day month year".</summary>
    private static string[] Spans(Node answer)
    {
        var number = answer.Find("number")?.AsId() ?? "";
        if (number.Length > 0)
            return [number];
        string[] spans = [.. (answer.Find("spans")?.Elements() ?? []).Select(span => span.AsText())];
        if (Array.FindIndex(spans, span => span.Length == 0) is >= 0 and var empty)
            throw answer.File.Broken($"{answer.Place}.spans[{empty}]", "an empty gold", "answers of at least one character");
        if (spans.Length > 0)
            return spans;
        if (answer.Find("date") is not { } date)
            return [];
        var parts = new[] { "day", "month", "year" }.Select(part => date.Find(part)?.AsId() ?? "").Where(part => part.Length > 0);
        var text = string.Join(' ', parts);
        return text.Length > 0 ? [text] : [];
    }
}
