using System.Text.Json;

namespace Sweep.Evaluation.Metrics;

/// <summary>One instruction of an IFEval prompt.</summary>
/// <param name="Kind">For instance "punctuation:no_comma".</param>
/// <param name="Arguments">Its kwargs without nulls.</param>
public sealed record Instruction(string Kind, IReadOnlyDictionary<string, JsonElement> Arguments)
{
    internal string Text(string argument) => Arguments[argument].GetString()!;

    internal int Number(string argument) => Arguments[argument].GetInt32();

    internal IEnumerable<string> Words(string argument) => Arguments[argument].EnumerateArray().Select(word => word.GetString()!);
}
