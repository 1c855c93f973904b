using System.Text;
using System.Text.Json;
using Sweep.Evaluation.Benchmarks;

namespace Sweep.Evaluation.Tasks;

/// <summary>
/// A text with expressions in double braces (<see cref="TaskExpression"/>), filled from a record. As in lm-evaluation-harness a text that is just the name of one of the record's fields is that
/// field.
/// </summary>
internal sealed class TaskTemplate
{
    private readonly string _text;
    private readonly IReadOnlyList<(string Literal, TaskExpression? Expression)> _parts;

    private TaskTemplate(string text, IReadOnlyList<(string, TaskExpression?)> parts) => (_text, _parts) = (text, parts);

    public static TaskTemplate Parse(Node node)
    {
        var text = node.AsText();
        var parts = new List<(string, TaskExpression?)>();
        var at = 0;
        while (at < text.Length)
        {
            var open = text.IndexOf('{', at);
            while (open >= 0 && (open + 1 >= text.Length || text[open + 1] is not ('{' or '%' or '#')))
                open = text.IndexOf('{', open + 1);
            if (open < 0)
                break;
            if (text[open + 1] != '{')
                throw node.File.Broken(node.Place, $"'{text.AsSpan(open, 2)}'", "expressions in {{ }} only: there are no statements and comments");
            var close = text.IndexOf("}}", open + 2, StringComparison.Ordinal);
            if (close < 0)
                throw node.File.Broken(node.Place, "'{{' without '}}'", "an expression between both");
            if (open > at)
                parts.Add((text[at..open], null));
            parts.Add(("", TaskExpression.Parse(text[(open + 2)..close], node)));
            at = close + 2;
        }

        if (at < text.Length)
            parts.Add((text[at..], null));
        return new TaskTemplate(text, parts);
    }

    /// <summary>As text; numbers as they are written.</summary>
    public string Text(Node record)
    {
        if (IsFieldOf(record))
            return TaskValue.Of(record[_text]).AsText();
        var text = new StringBuilder();
        foreach (var (literal, expression) in _parts)
            text.Append(expression is null ? literal : expression.Evaluate(record).AsText());
        return text.ToString();
    }

    /// <summary>As what it stands for: a template that is one expression or field keeps its type, a list or a number.</summary>
    public TaskValue Value(Node record) => IsFieldOf(record) ? TaskValue.Of(record[_text])
        : _parts is [("", { } expression)] ? expression.Evaluate(record)
        : new TaskValue(record, Text(record));

    private bool IsFieldOf(Node record) => _parts is [(_, null)] && record.Value.ValueKind == JsonValueKind.Object && record.Find(_text) is not null;
}
