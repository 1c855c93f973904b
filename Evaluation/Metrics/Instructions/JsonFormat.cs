using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>JSON as Python reads it (any value; also NaN and Infinity), with or without a fence of three ticks around it.</summary>
internal sealed partial class JsonFormat : InstructionKind
{
    /// <summary>About where Python's own parser gives up.</summary>
    private const int MaxDepth = 1000;

    /// <summary>In this order each is taken off once.</summary>
    private static readonly string[] Fences = ["```json", "```Json", "```JSON", "```"];

    public override string Name => "detectable_format:json_format";

    public override bool IsKept(Instruction instruction, string response)
    {
        var text = response.Trim();
        foreach (var fence in Fences)
            text = text.StartsWith(fence, StringComparison.Ordinal) ? text[fence.Length..] : text;
        text = (text.EndsWith("```", StringComparison.Ordinal) ? text[..^3] : text).Trim();
        text = StringOrConstant().Replace(text, match => match.Value[0] == '"' ? match.Value : "null");
        try
        {
            using var document = JsonDocument.Parse(Encoding.UTF8.GetBytes(text), new JsonDocumentOptions { MaxDepth = MaxDepth });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Strings are matched so that the constants in them are passed over; one without an end goes to the end.</summary>
    [GeneratedRegex(@"""(?>[^""\\]+|\\.)*""?|-?Infinity|NaN", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex StringOrConstant();
}
