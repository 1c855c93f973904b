namespace Sweep.Messaging.Tests.Wire;

/// <summary>What crosses processes, as text: a heading a type, a line a member. Everything that a peer of another version relies on is in the text, and nothing else.</summary>
internal sealed class WireShape
{
    private readonly SortedDictionary<string, SortedSet<string>> _types = new(StringComparer.Ordinal);

    public void Add(string type, IEnumerable<string> members)
    {
        if (!_types.TryAdd(type, new SortedSet<string>(members, StringComparer.Ordinal)))
            throw new InvalidOperationException($"'{type}' names two types");
    }

    public override string ToString() => string.Concat(_types.Select(type => $"{type.Key}\n{string.Concat(type.Value.Select(member => $"  {member}\n"))}"));

    public static WireShape Parse(string text)
    {
        var shape = new WireShape();
        SortedSet<string>? members = null;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("  ", StringComparison.Ordinal))
                (members ?? throw new FormatException($"'{line}' stands under no type")).Add(line[2..]);
            else
                shape._types.Add(line, members = new SortedSet<string>(StringComparer.Ordinal));
        }

        return shape;
    }

    /// <summary>What a peer that knows <paramref name="before"/> would miss or misread in <paramref name="now"/>.</summary>
    public static IReadOnlyList<string> Broken(WireShape before, WireShape now) =>
    [
        .. before._types.Keys.Except(now._types.Keys).Select(type => $"gone: {type}"),
        .. Both(before, now).SelectMany(pair => pair.Before.Except(pair.Now).Select(member => $"gone or changed: {pair.Type}: {member}")),
        // What an older peer does not send must not be demanded.
        .. Both(before, now).SelectMany(pair => pair.Now.Except(pair.Before).Where(member => member.EndsWith(" required", StringComparison.Ordinal)).Select(member => $"newly demanded: {pair.Type}: {member}")),
    ];

    public static IReadOnlyList<string> Added(WireShape before, WireShape now) =>
    [
        .. now._types.Keys.Except(before._types.Keys).Select(type => $"new: {type}"),
        .. Both(before, now).SelectMany(pair => pair.Now.Except(pair.Before).Select(member => $"new: {pair.Type}: {member}")),
    ];

    private static IEnumerable<(string Type, SortedSet<string> Before, SortedSet<string> Now)> Both(WireShape before, WireShape now) =>
        before._types.Where(type => now._types.ContainsKey(type.Key)).Select(type => (type.Key, type.Value, now._types[type.Key]));
}
