using System.Text.Json;
using Sweep.Evaluation.Metrics.Text;

namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>An argument of a kind: its name in the file, what it should be in words, and whether a value is that.</summary>
internal sealed record Argument(string Name, string Expected, Func<JsonElement, bool> Fits)
{
    public static Argument Count(string name) =>
        new(name, "a whole number from 0", value => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 0);

    /// <summary>Something that is not blank.</summary>
    public static Argument Phrase(string name) => new(name, "a text", IsText);

    public static Argument Words(string name) =>
        new(name, "a list of words", value => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value.EnumerateArray().All(IsText));

    public static Argument Letter(string name) => new(name, "one character", value => IsText(value) && value.GetString()!.Length == 1);

    public static Argument Relation(string name) =>
        new(name, $"'{Comparison.LessThan}' or '{Comparison.AtLeast}'", value => value.ValueKind == JsonValueKind.String && value.GetString() is Comparison.LessThan or Comparison.AtLeast);

    public static Argument Language(string name) =>
        new(name, $"one of {string.Join(", ", LanguageDetector.Codes)}", value => value.ValueKind == JsonValueKind.String && LanguageDetector.Codes.Contains(value.GetString()!));

    private static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetString());
}
