using System.Text.Json;
using Sweep.Models.Checkpoints;

namespace Sweep.Models.Architectures;

/// <summary>The fields of one JSON object of a config, read one by one; what is wrong with them is collected. A field that is null is as good as absent.</summary>
internal sealed class ConfigFields(JsonElement root, ProblemList problems, string prefix = "")
{
    /// <summary>Most channels of anything.</summary>
    public const int MaxSize = 1 << 20;

    public JsonElement? Find(string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public void Add(string problem) => problems.Add(prefix + problem);

    /// <summary>Names the absent ones of these together.</summary>
    public void Require(params IEnumerable<string> names)
    {
        var missing = names.Where(name => Find(name) is null).ToList();
        if (missing.Count > 0)
            Add($"missing: {string.Join(", ", missing)}");
    }

    public int Integer(string name, int fallback, int minimum, int maximum)
    {
        if (Find(name) is not { } value)
            return fallback;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= minimum && number <= maximum)
            return number;
        Add($"{name}: found {JsonFile.Show(value)}, expected a whole number from {minimum} to {maximum}");
        return fallback;
    }

    /// <summary>A small number above 0 that is added before a root is taken.</summary>
    public double Epsilon(string name, double fallback)
    {
        if (Find(name) is not { } value)
            return fallback;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number is > 0 and <= 1)
            return number;
        Add($"{name}: found {JsonFile.Show(value)}, expected a number above 0 and up to 1");
        return fallback;
    }

    /// <summary>
    /// Two numbers from 0, the second of which may be infinite: null, {"__float__": "Infinity"}, or bare, as Python writes it and <see cref="JsonFile"/> makes it null.
    /// </summary>
    public (double Low, double High) Limits(string name)
    {
        if (Find(name) is not { } value)
            return (0, double.PositiveInfinity);
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2 && Limit(value[0]) is { } low && Limit(value[1]) is { } high && double.IsFinite(low) && low >= 0 && high > low)
            return (low, high);
        Add($"{name}: found {JsonFile.Show(value)}, expected two numbers from 0, the second larger than the first; null or {{\"__float__\": \"Infinity\"}} for no end");
        return (0, double.PositiveInfinity);
    }

    public bool Switch(string name, bool fallback)
    {
        if (Find(name) is not { } value)
            return fallback;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Add($"{name}: found {JsonFile.Show(value)}, expected true or false");
        return fallback;
    }

    /// <summary>A switch that has one supported position.</summary>
    public void MustBe(string name, bool expected, string otherwise)
    {
        if (Switch(name, expected) != expected)
            Add($"{name}: found {(expected ? "false" : "true")}, {otherwise}");
    }

    public string? Text(string name) => Find(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public void MustBeSilu(string name)
    {
        if (Find(name) is { } activation && (activation.ValueKind != JsonValueKind.String || activation.GetString() is not ("silu" or "swish")))
            Add($"{name}: found {JsonFile.Show(activation)}, expected \"silu\"");
    }

    public List<int> EosTokens(int vocabulary)
    {
        if (Find("eos_token_id") is not { } value)
            return [];
        var ids = new List<int>();
        foreach (var element in value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : new[] { value })
        {
            if (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var id) && id >= 0 && (vocabulary == 0 || id < vocabulary))
                ids.Add(id);
            else
                Add($"eos_token_id: found {JsonFile.Show(element)}, expected a token id from 0 to {vocabulary - 1}, a list of them, or null");
        }

        return ids;
    }

    /// <summary>A product of sizes that must be one itself.</summary>
    public int Product(string name, long product)
    {
        if (product <= MaxSize)
            return (int)product;
        Add($"{name}: found {product}, expected at most {MaxSize}");
        return 0;
    }

    private static double? Limit(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDouble(out var number) => number,
        JsonValueKind.Null => double.PositiveInfinity,
        JsonValueKind.Object when value.TryGetProperty("__float__", out var text) && text.ValueKind == JsonValueKind.String && text.GetString() == "Infinity" => double.PositiveInfinity,
        _ => null,
    };
}
