using System.Globalization;
using System.Text.Json;
using Sweep.Evaluation.Benchmarks;

namespace Sweep.Evaluation.Tasks;

/// <summary>What an expression stands for in a record: a text, a number, a list, or a group of fields.</summary>
/// <param name="At">The record or field that errors name.</param>
/// <param name="Content">string, long, a list of values, or the node itself.</param>
internal readonly record struct TaskValue(Node At, object Content)
{
    public static TaskValue Of(Node node) => node.Value.ValueKind switch
    {
        JsonValueKind.String => new TaskValue(node, node.AsText()),
        JsonValueKind.Number when node.Value.TryGetInt64(out var whole) => new TaskValue(node, whole),
        JsonValueKind.Number => new TaskValue(node, node.Value.GetRawText()),
        // As Python writes them.
        JsonValueKind.True => new TaskValue(node, "True"),
        JsonValueKind.False => new TaskValue(node, "False"),
        JsonValueKind.Array => new TaskValue(node, (TaskValue[])[.. node.Elements().Select(Of)]),
        JsonValueKind.Object => new TaskValue(node, node),
        _ => throw node.File.Broken(node.Place, "nothing", "a value"),
    };

    public string AsText() => Content switch
    {
        string text => text,
        long whole => whole.ToString(CultureInfo.InvariantCulture),
        _ => throw Wrong("a text"),
    };

    public IReadOnlyList<TaskValue> AsList() => Content as TaskValue[] ?? throw Wrong("a list");

    public bool IsList => Content is TaskValue[];

    public TaskValue Member(string name) => Content is Node node ? Of(node[name]) : throw Wrong($"a group with the field '{name}'");

    public TaskValue Element(long index)
    {
        var list = AsList();
        return index >= 0 && index < list.Count ? list[(int)index] : throw At.File.Broken(At.Place, $"a list of {list.Count}", $"one with an element {index}");
    }

    public bool Is(TaskValue other) => Content switch
    {
        string or long => other.Content is string or long && AsText() == other.AsText(),
        _ => false,
    };

    private InvalidDataFileException Wrong(string expected) =>
        At.File.Broken(At.Place, Content switch { string => "a text", long => "a number", TaskValue[] => "a list", _ => "a group of fields" }, expected);
}
