using System.Text.Json;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>A JSON value that knows where it stands.</summary>
internal readonly record struct Node(DataFile File, string Place, JsonElement Value)
{
    /// <summary>The value in one form whatever its spaces and the order of its fields.</summary>
    public string Canonical => CanonicalJson.Of(this);

    public Node this[string name]
    {
        get
        {
            Require(JsonValueKind.Object);
            return Member(name) ?? throw File.Broken($"{Place}.{name}", "nothing", "a value");
        }
    }

    public Node? Find(string name) => Value.ValueKind == JsonValueKind.Object && Member(name) is { Value.ValueKind: not JsonValueKind.Null } member ? member : null;

    public string AsText()
    {
        Require(JsonValueKind.String);
        try
        {
            return Value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw File.Broken(Place, "half of a surrogate pair", "a text");
        }
    }

    /// <summary>A string or a number, as text.</summary>
    public string AsId() => Value.ValueKind switch
    {
        JsonValueKind.String => AsText(),
        JsonValueKind.Number => Value.GetRawText(),
        _ => throw File.Broken(Place, Kind, "a string or a number"),
    };

    public IEnumerable<Node> Elements()
    {
        Require(JsonValueKind.Array);
        var at = this;
        return at.Value.EnumerateArray().Select((element, index) => new Node(at.File, $"{at.Place}[{index}]", element));
    }

    public IEnumerable<(string Name, Node Value)> Members()
    {
        Require(JsonValueKind.Object);
        var members = new List<(string, Node)>();
        try
        {
            foreach (var member in Value.EnumerateObject())
                members.Add((member.Name, new Node(File, $"{Place}.{member.Name}", member.Value)));
        }
        catch (InvalidOperationException)
        {
            throw BrokenName();
        }

        return members;
    }

    private string Kind => Value.ValueKind.ToString().ToLowerInvariant();

    private Node? Member(string name)
    {
        try
        {
            return Value.TryGetProperty(name, out var member) ? new Node(File, $"{Place}.{name}", member) : null;
        }
        catch (InvalidOperationException)
        {
            throw BrokenName();
        }
    }

    private InvalidDataFileException BrokenName() => File.Broken(Place, "a field named with half of a surrogate pair", "field names in Unicode");

    private void Require(JsonValueKind kind)
    {
        if (Value.ValueKind != kind)
            throw File.Broken(Place, Kind, kind.ToString().ToLowerInvariant());
    }
}
