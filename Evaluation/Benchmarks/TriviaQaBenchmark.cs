using System.Globalization;
using System.Text;
using System.Text.Json;
using Sweep.Evaluation.Metrics;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>
/// TriviaQA (Joshi et al. 2017) without context: its own JSON, DPR's "question TAB python list", records of {context, answer, aliases}, or of {question, question_id, answer: {value, aliases}}
/// as it is served in Parquet. Group: the question.
/// </summary>
internal sealed class TriviaQaBenchmark : AnswerBenchmark
{
    public override string Name => "triviaqa";

    public override PromptTemplate Template { get; } = new("triviaqa-prompt/1", "Question: {question}\nAnswer:");

    public override string MetricVersion => "triviaqa-metric/3";

    protected override (double Exact, double F1, bool Empty) Best(IReadOnlyList<string> golds, string response) => TriviaQaMetric.Best(golds, response);

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        if (file.HoldsRecords("context", "question"))
            return ParseRecords(file);
        var text = file.Text.TrimStart();
        if (!text.StartsWith('{'))
            return ParseTabbed(file);
        return text.AsSpan(0, Math.Min(text.Length, 400)).Contains("\"Data\"", StringComparison.Ordinal) ? ParseOriginal(file) : ParseRecords(file);
    }

    private IEnumerable<RawItem> ParseOriginal(DataFile file)
    {
        foreach (var record in file.Json()["Data"].Elements())
        {
            var answer = record["Answer"];
            var aliases = Texts(answer, "Aliases").Concat(Texts(answer, "HumanAnswers"));
            yield return Item(record["QuestionId"].AsId(), record.Canonical, record["Question"].AsText(), [answer["Value"].AsText(), .. aliases]);
        }
    }

    private IEnumerable<RawItem> ParseRecords(DataFile file)
    {
        foreach (var record in file.Records())
        {
            if (record.Find("answer") is { Value.ValueKind: JsonValueKind.Object } answer)
            {
                yield return Item(record["question_id"].AsId(), record.Canonical, record["question"].AsText(), [answer["value"].AsText(), .. Texts(answer, "aliases")]);
                continue;
            }

            var aliases = Texts(record, "aliases");
            var question = record["context"].AsText();
            if (question.StartsWith("Question: ", StringComparison.Ordinal))
                question = question["Question: ".Length..].Split("\nAnswer:")[0];
            yield return Item(null, record.Canonical, question, [record["answer"].AsText(), .. aliases]);
        }
    }

    private IEnumerable<RawItem> ParseTabbed(DataFile file)
    {
        var number = 0;
        foreach (var line in file.Text.Split('\n'))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            if (tab < 1)
                throw file.Broken($"line {number}", "no tab", "TriviaQA's JSON, jsonl, or question TAB list of answers");
            yield return Item(null, line.TrimEnd('\r'), Unquoted(line[..tab]), PythonList(file, number, Unquoted(line[(tab + 1)..].TrimEnd('\r'))));
        }
    }

    private static IEnumerable<string> Texts(Node record, string list) => record.Find(list)?.Elements().Select(text => text.AsText()) ?? [];

    /// <summary>A field as a CSV writer quotes it where it holds quotation marks.</summary>
    private static string Unquoted(string field) =>
        field is ['"', .., '"'] ? field[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : field;

    private RawItem Item(string? id, string canonical, string question, IReadOnlyList<string> golds) =>
        new(id, canonical, question, Template.Fill(("question", question)), [.. golds.Distinct(StringComparer.Ordinal)]);

    /// <summary>A Python list of string literals, with its escapes.</summary>
    private static List<string> PythonList(DataFile file, int line, string text)
    {
        var items = new List<string>();
        var at = 0;
        Skip();
        Expect('[');
        while (true)
        {
            Skip();
            if (at < text.Length && text[at] == ']')
                break;
            if (items.Count > 0)
            {
                Expect(',');
                Skip();
                if (at < text.Length && text[at] == ']')
                    break;
            }

            items.Add(Literal());
        }

        at++;
        Skip();
        return at == text.Length ? items : throw file.Broken($"line {line}, column {at + 1} of the list", $"'{text[at]}'", "the end of the line");

        void Skip()
        {
            while (at < text.Length && text[at] is ' ' or '\r')
                at++;
        }

        void Expect(char wanted)
        {
            if (at >= text.Length || text[at] != wanted)
                throw file.Broken($"line {line}, column {at + 1} of the list", at < text.Length ? $"'{text[at]}'" : "its end", $"'{wanted}'");
            at++;
        }

        string Literal()
        {
            if (at >= text.Length || text[at] is not ('\'' or '"'))
                throw file.Broken($"line {line}", at < text.Length ? $"'{text[at]}'" : "the end of the line", "a quoted answer");
            var quote = text[at++];
            var literal = new StringBuilder();
            while (at < text.Length && text[at] != quote)
            {
                if (text[at] != '\\' || at + 1 >= text.Length)
                {
                    literal.Append(text[at++]);
                    continue;
                }

                var digits = text[at + 1] switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
                if (digits > 0 && at + 2 + digits <= text.Length
                    && int.TryParse(text.AsSpan(at + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) && Rune.IsValid(code))
                {
                    literal.Append(new Rune(code));
                    at += 2 + digits;
                    continue;
                }

                literal.Append(text[at + 1] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
                at += 2;
            }

            Expect(quote);
            return literal.ToString();
        }
    }
}
