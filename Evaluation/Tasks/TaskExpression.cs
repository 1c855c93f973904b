using System.Globalization;
using System.Text;
using Sweep.Evaluation.Benchmarks;

namespace Sweep.Evaluation.Tasks;

/// <summary>
/// The expressions of templates: a field (question), a nested one (choices.text, answers['text']), an element (choices[0]), a text ('Yes'), a whole number, a list ([sol1, sol2]), the place of
/// a value in a list (choices.label.index(answerKey)), texts joined by +, and filters after a bar: trim, lower, upper, capitalize, first, last, join('…').
/// </summary>
internal sealed class TaskExpression
{
    private static readonly string[] Filters = ["trim", "lower", "upper", "capitalize", "first", "last", "join"];
    private const int Deepest = 32;

    private readonly Func<Node, TaskValue> _evaluate;

    private TaskExpression(Func<Node, TaskValue> evaluate) => _evaluate = evaluate;

    public TaskValue Evaluate(Node record) => _evaluate(record);

    /// <param name="text">Between the braces.</param>
    /// <param name="node">The template, which errors name.</param>
    public static TaskExpression Parse(string text, Node node)
    {
        var reader = new Reader(text, node);
        var evaluate = reader.Filtered(depth: 0);
        reader.End();
        return new TaskExpression(evaluate);
    }

    /// <summary>Recursive descent over one expression.</summary>
    private sealed class Reader(string text, Node node)
    {
        private int _at;

        public Func<Node, TaskValue> Filtered(int depth)
        {
            var value = Sum(depth);
            while (Take('|'))
                value = Filter(value);
            return value;
        }

        public void End()
        {
            Skip();
            if (_at < text.Length)
                throw Wrong($"'{text[_at]}'", "its end, '+' or '|'");
        }

        private Func<Node, TaskValue> Sum(int depth)
        {
            if (depth > Deepest)
                throw Wrong($"lists within lists deeper than {Deepest}", "a simpler expression");
            var value = Postfix(depth);
            while (Take('+'))
            {
                var (left, right) = (value, Postfix(depth));
                value = record => new TaskValue(record, left(record).AsText() + right(record).AsText());
            }

            return value;
        }

        private Func<Node, TaskValue> Postfix(int depth)
        {
            var value = Primary(depth);
            while (true)
            {
                var inner = value;
                if (Take('.'))
                {
                    var name = Name();
                    if (name == "index" && Take('('))
                    {
                        var wanted = Sum(depth + 1);
                        Expect(')');
                        value = record => Index(inner(record), wanted(record));
                        continue;
                    }

                    value = record => inner(record).Member(name);
                }
                else if (Take('['))
                {
                    Skip();
                    if (_at < text.Length && text[_at] is '\'' or '"')
                    {
                        var name = Quoted();
                        value = record => inner(record).Member(name);
                    }
                    else
                    {
                        var index = Whole();
                        value = record => inner(record).Element(index);
                    }

                    Expect(']');
                }
                else
                {
                    return value;
                }
            }
        }

        private Func<Node, TaskValue> Primary(int depth)
        {
            Skip();
            if (_at >= text.Length)
                throw Wrong("its end", "a field, a text, a number or a list");
            if (text[_at] is '\'' or '"')
            {
                var literal = Quoted();
                return record => new TaskValue(record, literal);
            }

            if (char.IsAsciiDigit(text[_at]))
            {
                var whole = Whole();
                return record => new TaskValue(record, whole);
            }

            if (Take('['))
                return List(depth);
            var name = Name();
            return record => TaskValue.Of(record[name]);
        }

        private Func<Node, TaskValue> List(int depth)
        {
            var elements = new List<Func<Node, TaskValue>>();
            while (!Take(']'))
            {
                if (elements.Count > 0)
                    Expect(',');
                elements.Add(Sum(depth + 1));
            }

            return record => new TaskValue(record, (TaskValue[])[.. elements.Select(element => element(record))]);
        }

        private Func<Node, TaskValue> Filter(Func<Node, TaskValue> value)
        {
            var start = _at;
            var name = Name();
            Func<TaskValue, object> apply = name switch
            {
                "trim" => inner => inner.AsText().Trim(),
                "lower" => inner => inner.AsText().ToLowerInvariant(),
                "upper" => inner => inner.AsText().ToUpperInvariant(),
                "capitalize" => inner => inner.AsText() is { Length: > 0 } whole ? char.ToUpperInvariant(whole[0]) + whole[1..].ToLowerInvariant() : "",
                "first" => inner => inner.Element(0).Content,
                "last" => inner => inner.Element(inner.AsList().Count - 1).Content,
                "join" => Join(),
                _ => throw Wrong($"the filter '{name}'", $"one of {string.Join(", ", Filters)}", start),
            };
            return record =>
            {
                var inner = value(record);
                return new TaskValue(inner.At, apply(inner));
            };
        }

        private Func<TaskValue, object> Join()
        {
            var separator = "";
            if (Take('('))
            {
                Skip();
                separator = Quoted();
                Expect(')');
            }

            return inner => string.Join(separator, inner.AsList().Select(element => element.AsText()));
        }

        private static TaskValue Index(TaskValue list, TaskValue wanted)
        {
            var elements = list.AsList();
            for (var index = 0; index < elements.Count; index++)
            {
                if (elements[index].Is(wanted))
                    return new TaskValue(list.At, (long)index);
            }

            throw list.At.File.Broken(wanted.At.Place, $"'{wanted.AsText()}'", $"one of {string.Join(", ", elements.Select(element => element.AsText()))}");
        }

        private string Name()
        {
            Skip();
            var start = _at;
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
                _at++;
            return _at > start && !char.IsAsciiDigit(text[start]) ? text[start.._at] : throw Wrong(start < text.Length ? $"'{text[start]}'" : "its end", "a name", start);
        }

        private long Whole()
        {
            Skip();
            var start = _at;
            while (_at < text.Length && char.IsAsciiDigit(text[_at]))
                _at++;
            return long.TryParse(text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
                ? whole
                : throw Wrong(start < text.Length ? $"'{text[start]}'" : "its end", "a whole number", start);
        }

        private string Quoted()
        {
            if (_at >= text.Length || text[_at] is not ('\'' or '"'))
                throw Wrong(_at < text.Length ? $"'{text[_at]}'" : "its end", "a quoted text");
            var quote = text[_at++];
            var literal = new StringBuilder();
            while (_at < text.Length && text[_at] != quote)
            {
                if (text[_at] == '\\' && _at + 1 < text.Length)
                {
                    _at++;
                    literal.Append(text[_at] switch { 'n' => '\n', 't' => '\t', var other => other });
                }
                else
                {
                    literal.Append(text[_at]);
                }

                _at++;
            }

            Expect(quote);
            return literal.ToString();
        }

        private bool Take(char wanted)
        {
            Skip();
            if (_at >= text.Length || text[_at] != wanted)
                return false;
            _at++;
            return true;
        }

        private void Expect(char wanted)
        {
            if (!Take(wanted))
                throw Wrong(_at < text.Length ? $"'{text[_at]}'" : "its end", $"'{wanted}'");
        }

        private void Skip()
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at]))
                _at++;
        }

        private InvalidDataFileException Wrong(string found, string expected, int? at = null) =>
            node.File.Broken($"{node.Place}, character {(at ?? _at) + 1} of '{text.Trim()}'", found, expected);
    }
}
