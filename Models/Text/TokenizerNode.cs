using System.Text.Json;
using Sweep.Models.Checkpoints;

namespace Sweep.Models.Text;

/// <summary>A place in a tokenizer's JSON, with its path for messages. A null counts as nothing.</summary>
internal readonly record struct TokenizerNode(string File, string Path, JsonElement? Value)
{
    public TokenizerNode this[string name] => new(
        File,
        Path.Length == 0 ? name : $"{Path}.{name}",
        Value is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null);

    public bool IsThere => Value is not null;

    /// <summary>The member "type"; null: none.</summary>
    public string? Type => this["type"].Value is { ValueKind: JsonValueKind.String } type ? type.GetString() : null;

    /// <summary>As messages show it.</summary>
    public string Shown => Value is { } some ? JsonFile.Show(some) : "none";

    /// <exception cref="InvalidCheckpointException">It is of another kind, or not there.</exception>
    public JsonElement Of(JsonValueKind kind) =>
        Value is { } value && value.ValueKind == kind ? value : throw Error($"found {Shown}, expected {kind.ToString().ToLowerInvariant()}");

    public string Text() => Of(JsonValueKind.String).GetString()!;

    public IReadOnlyList<TokenizerNode> Items()
    {
        var (file, path) = (File, Path);
        return [.. Of(JsonValueKind.Array).EnumerateArray().Select((item, at) => new TokenizerNode(file, $"{path}[{at}]", item))];
    }

    /// <summary>A token's id.</summary>
    public int Id()
    {
        var number = Of(JsonValueKind.Number);
        return number.TryGetInt32(out var id) && id >= 0 ? id : throw Error($"found {Shown}, expected a whole number from 0");
    }

    public bool Flag(bool otherwise = false) => Value switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        _ => throw Error($"found {Shown}, expected true or false"),
    };

    public InvalidCheckpointException Error(string problem) => new($"{File}: {Path}: {problem}");

    public InvalidCheckpointException Unsupported(string expected) => Error($"found {Type ?? Shown}, which is not supported, expected {expected}");
}
