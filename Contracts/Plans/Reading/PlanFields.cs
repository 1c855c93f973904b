namespace Sweep.Contracts.Plans.Reading;

/// <summary>Takes the fields of one group by name and type; what is missing, of another type or unknown becomes a problem and the default is returned.</summary>
internal sealed class PlanFields
{
    private readonly PlanReading _reading;
    private readonly MappingNode _node;
    private readonly List<string> _known = [];

    private PlanFields(PlanReading reading, MappingNode node, string path)
    {
        _reading = reading;
        _node = node;
        Path = path;
        reading.Place(path, node.Line, node.Column);
    }

    public string Path { get; }

    /// <summary>Reads a group with <paramref name="read"/>, then reports the fields that it did not ask for.</summary>
    public static T? Of<T>(PlanReading reading, PlanNode node, string path, string expected, Func<PlanFields, T> read)
        where T : class
    {
        if (node is not MappingNode mapping)
        {
            reading.Add(node, path, expected);
            return null;
        }

        var fields = new PlanFields(reading, mapping, path);
        var value = read(fields);
        fields.ReportUnknown();
        return value;
    }

    /// <summary>The path of a field of this group.</summary>
    public string At(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    /// <summary>The field's value, null where absent; an explicit null counts as absent where <paramref name="nullable"/>.</summary>
    public PlanNode? Find(string name, bool nullable = false)
    {
        if (!_known.Contains(name))
            _known.Add(name);
        var field = _node.Fields.FirstOrDefault(field => field.Name == name);
        if (field is null || (nullable && field.Value is ScalarNode { IsNull: true }))
            return null;
        _reading.Place(At(name), field.Value.Line, field.Value.Column);
        return field.Value;
    }

    /// <summary>Reports a field that is there and should not be.</summary>
    public void Refuse(string name, string message)
    {
        if (_node.Fields.FirstOrDefault(field => field.Name == name) is { } field)
            _reading.Add(field.Line, field.Column, At(name), message);
    }

    public string? Text(string name, string expected, bool required = false, bool nullable = false) =>
        Take(name, expected, required, nullable, node => PlanValues.Text(node));

    public int? Whole(string name, string expected, bool required = false, bool nullable = true) =>
        TakeValue(name, expected, required, nullable, node => PlanValues.Whole(node));

    public long? Long(string name, string expected) => TakeValue(name, expected, required: false, nullable: false, PlanValues.Long);

    public double? Number(string name, string expected, bool nullable = true) => TakeValue(name, expected, required: false, nullable, PlanValues.Number);

    public bool? Flag(string name) => TakeValue(name, "true or false", required: false, nullable: false, node => (node as ScalarNode)?.Flag);

    /// <summary>A list of groups or values; each element is read by <paramref name="read"/>, which reports its own problems.</summary>
    public IReadOnlyList<T>? List<T>(string name, string expected, Func<PlanNode, string, T?> read, bool required = false, bool nullable = true)
        where T : class
    {
        if (Present(name, expected, required, nullable) is not { } node)
            return null;
        if (node is not SequenceNode sequence)
        {
            _reading.Add(node, At(name), expected);
            return null;
        }

        var items = new List<T>();
        for (var index = 0; index < sequence.Items.Count; index++)
        {
            var path = $"{At(name)}[{index}]";
            _reading.Place(path, sequence.Items[index].Line, sequence.Items[index].Column);
            if (read(sequence.Items[index], path) is { } item)
                items.Add(item);
        }

        return items;
    }

    /// <summary>A list of plain values.</summary>
    public IReadOnlyList<T>? Values<T>(string name, string expected, string expectedItem, Func<PlanNode, T?> read, bool nullable = true)
        where T : struct =>
        List(name, expected, (node, path) => Boxed(node, path, expectedItem, read), nullable: nullable)?.Select(box => box.Value).ToList();

    /// <summary>A group of fields; null where absent.</summary>
    public T? Group<T>(string name, string expected, Func<PlanFields, T> read)
        where T : class =>
        Find(name, nullable: true) is { } node ? Of(_reading, node, At(name), expected, read) : null;

    private static Box<T>? BoxOf<T>(T? value)
        where T : struct => value is { } inner ? new Box<T>(inner) : null;

    private Box<T>? Boxed<T>(PlanNode node, string path, string expected, Func<PlanNode, T?> read)
        where T : struct
    {
        var box = BoxOf(read(node));
        if (box is null)
            _reading.Add(node, path, expected);
        return box;
    }

    private T? Take<T>(string name, string expected, bool required, bool nullable, Func<PlanNode, T?> read)
        where T : class
    {
        if (Present(name, expected, required, nullable) is not { } node)
            return null;
        var value = read(node);
        if (value is null)
            _reading.Add(node, At(name), expected);
        return value;
    }

    private T? TakeValue<T>(string name, string expected, bool required, bool nullable, Func<PlanNode, T?> read)
        where T : struct =>
        Take(name, expected, required, nullable, node => BoxOf(read(node)))?.Value;

    private PlanNode? Present(string name, string expected, bool required, bool nullable)
    {
        var node = Find(name, nullable);
        if (node is null && required)
            _reading.Add(_node.Line, _node.Column, At(name), $"found no field '{name}', expected {expected}");
        return node;
    }

    private void ReportUnknown()
    {
        foreach (var field in _node.Fields.Where(field => !_known.Contains(field.Name)))
        {
            var near = _known.Select(name => (Name: name, Distance: Spelling.Distance(name, field.Name))).MinBy(candidate => candidate.Distance);
            var hint = near.Name is not null && near.Distance <= 2 ? $" (is '{near.Name}' meant?)" : "";
            var found = new ScalarNode(field.Name, Plain: false, field.Line, field.Column).Describe();
            _reading.Add(field.Line, field.Column, Path, $"found unknown field {found}{hint}, expected {PlanWords.OneOf(_known)}");
        }
    }

    private sealed record Box<T>(T Value)
        where T : struct;
}
