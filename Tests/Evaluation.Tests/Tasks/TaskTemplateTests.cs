using System.Text;
using System.Text.Json;
using CsCheck;
using Sweep.Evaluation.Benchmarks;
using Sweep.Evaluation.Tasks;
using Xunit;

namespace Sweep.Evaluation.Tests.Tasks;

public sealed class TaskTemplateTests
{
    private static readonly Node Record = Node(
        """{"question": "Why {{x}}?", "label": 1, "ratio": 1.50, "ok": true, "choices": {"text": ["magic", "heat"], "label": ["A", "B"]}, "answers": [{"text": "one"}, {"text": "two"}], "key": "B", "empty": null, "a b": "spaced", "name": " bO "}""");

    private static readonly string[] Pieces = ["{{", "}}", "[", "]", "(", ")", "'", "\"", "\\", ".", "|", "+", ",", "question", "choices", "text", "index", "join", "0", "99999999999999999999", " ", "🦊"];

    [Theory]
    [InlineData("Question: {{question}}\nAnswer:", "Question: Why {{x}}?\nAnswer:")]
    [InlineData("{{ label }}/{{ratio}}/{{ok}}", "1/1.50/True")]
    [InlineData("{{choices.text[1]}}, {{choices['label'][0]}}, {{answers[1].text}}", "heat, A, two")]
    [InlineData("question", "Why {{x}}?")]
    [InlineData("questions", "questions")]
    [InlineData("{ {question} }", "{ {question} }")]
    [InlineData("{{'a' + question + \"b\"}}", "aWhy {{x}}?b")]
    [InlineData("{{choices.label.index(key)}}", "1")]
    [InlineData("{{name|trim|capitalize}}{{name | upper}}{{name|lower}}", "Bo BO  bo ")]
    [InlineData("{{choices.text|join(', ')}} {{choices.text|first}} {{choices.text|last}}", "magic, heat magic heat")]
    [InlineData("{{[key, 'C']|join}}", "BC")]
    [InlineData("{{'it\\'s\\n'}}", "it's\n")]
    [InlineData("", "")]
    public void Text_Expressions_AreFilled(string template, string expected) => Assert.Equal(expected, Parse(template).Text(Record));

    [Theory]
    [InlineData("{% if x %}", "task.t: found '{%', expected expressions in {{ }} only")]
    [InlineData("{# note #}", "task.t: found '{#', expected expressions in {{ }} only")]
    [InlineData("{{question", "task.t: found '{{' without '}}'")]
    [InlineData("{{question|tojson}}", "task.t, character 10 of 'question|tojson': found the filter 'tojson', expected one of trim, lower")]
    [InlineData("{{question.split(' ')}}", "task.t, character 15 of 'question.split(' ')': found '(', expected its end")]
    [InlineData("{{question[:-1]}}", "task.t, character 10 of 'question[:-1]': found ':', expected a whole number")]
    [InlineData("{{}}", "task.t, character 1 of '': found its end, expected a field")]
    [InlineData("{{question if key else label}}", "found 'i', expected its end")]
    [InlineData("{{range(10)}}", "found '(', expected its end")]
    [InlineData("{{''.__class__}}{{[}}", "found its end")]
    public void Parse_WhatIsNotOfTheSubset_NamesThePlace(string template, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataFileException>(() => Parse(template)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{{missing}}", "r.missing: found nothing, expected a value")]
    [InlineData("{{empty}}", "r.empty: found nothing, expected a value")]
    [InlineData("{{choices}}", "r.choices: found a group of fields, expected a text")]
    [InlineData("{{choices.text}}", "r.choices.text: found a list, expected a text")]
    [InlineData("{{choices.text[2]}}", "r.choices.text: found a list of 2, expected one with an element 2")]
    [InlineData("{{choices.label.index(question)}}", "found 'Why {{x}}?', expected one of A, B")]
    [InlineData("{{question.text}}", "r.question: found a text, expected a group with the field 'text'")]
    [InlineData("{{''.__class__}}", "r: found a text, expected a group with the field '__class__'")]
    public void Text_RecordThatLacksIt_NamesThePlaceInTheData(string template, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataFileException>(() => Parse(template).Text(Record)).Message, StringComparison.Ordinal);

    [Fact]
    public void Value_OneExpression_KeepsItsType()
    {
        Assert.Equal(["magic", "heat"], Parse("{{choices.text}}").Value(Record).AsList().Select(value => value.AsText()));
        Assert.Equal(["B", "x"], Parse("{{[key, 'x']}}").Value(Record).AsList().Select(value => value.AsText()));
        Assert.Equal(1L, Parse("label").Value(Record).Content);
        Assert.Equal("1 ", Parse("{{label}} ").Value(Record).Content);
    }

    [Fact]
    public void Parse_AnyText_IsReadOrRefused() =>
        Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]).Array[0, 40].Select(string.Concat).Sample(template =>
        {
            try
            {
                Parse(template).Value(Record);
            }
            catch (InvalidDataFileException)
            {
                // It says where; that is all that is asked.
            }
        }, iter: 3_000);

    [Fact]
    public void Parse_DeepLists_AreRefused() =>
        Assert.Contains("deeper than", Assert.Throws<InvalidDataFileException>(() => Parse("{{" + new string('[', 50_000) + "}}")).Message, StringComparison.Ordinal);

    private static TaskTemplate Parse(string template) => TaskTemplate.Parse(new Node(new DataFile("task.yaml", []), "task.t", JsonSerializer.SerializeToElement(template)));

    private static Node Node(string json) => new(new DataFile("data.jsonl", Encoding.UTF8.GetBytes(json)), "r", JsonDocument.Parse(json).RootElement);
}
