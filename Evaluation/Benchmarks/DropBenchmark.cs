using System.Text.Json;
using Sweep.Evaluation.Metrics;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>
/// DROP (Dua et al. 2019): passages with qa_pairs; an answer is a number, a date or spans. Also records of a question each: its fields and the passage's text beside them, validated_answers
/// as a list of answers or, as column formats have it, as one answer of lists. Group: the passage.
/// </summary>
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

    internal override IEnumerable<RawItem> Parse(DataFile file) => file.HoldsRecords("passage")
        ? file.Records().Select(record => Item(record, record["passage"].AsText()))
        : file.Json().Members().SelectMany(passage => passage.Value["qa_pairs"].Elements().Select(pair => Item(pair, passage.Value["passage"].AsText())));

    private RawItem Item(Node pair, string passage)
    {
        var prompt = Template.Fill(("passage", passage), ("question", pair["question"].AsText()));
        IReadOnlyList<string>[] answers =
            [Spans(pair["answer"]), .. (pair.Find("validated_answers") is { } validated ? Validated(validated) : []).Where(spans => spans.Length > 0)];
        string[] golds = [.. answers.Select(spans => string.Join(", ", spans)).Distinct(StringComparer.Ordinal)];
        return new RawItem(pair.Find("query_id")?.AsId(), pair.Canonical + passage, passage, prompt, golds)
        {
            Answers = answers,
        };
    }

    private static IEnumerable<string[]> Validated(Node answers)
    {
        if (answers.Value.ValueKind != JsonValueKind.Object)
            return answers.Elements().Select(Spans);
        var (numbers, spans, dates) = (Column(answers, "number"), Column(answers, "spans"), Column(answers, "date"));
        return Enumerable.Range(0, Math.Max(numbers.Length, Math.Max(spans.Length, dates.Length))).Select(i => Spans(At(numbers, i), At(spans, i), At(dates, i)));

        static Node[] Column(Node answers, string name) => [.. answers.Find(name)?.Elements() ?? []];
        static Node? At(Node[] column, int index) => index < column.Length && column[index].Value.ValueKind != JsonValueKind.Null ? column[index] : null;
    }

    private static string[] Spans(Node answer) => Spans(answer.Find("number"), answer.Find("spans"), answer.Find("date"));

    /// <summary>The official order: number, else spans, else date as "day month year".</summary>
    private static string[] Spans(Node? numbers, Node? texts, Node? dates)
    {
        var number = numbers?.AsId() ?? "";
        if (number.Length > 0)
            return [number];
        string[] spans = [.. (texts?.Elements() ?? []).Select(span => span.AsText())];
        if (Array.FindIndex(spans, span => span.Length == 0) is >= 0 and var empty)
            throw texts!.Value.File.Broken($"{texts.Value.Place}[{empty}]", "an empty gold", "answers of at least one character");
        if (spans.Length > 0)
            return spans;
        if (dates is not { } date)
            return [];
        var parts = new[] { "day", "month", "year" }.Select(part => date.Find(part)?.AsId() ?? "").Where(part => part.Length > 0);
        var text = string.Join(' ', parts);
        return text.Length > 0 ? [text] : [];
    }
}
