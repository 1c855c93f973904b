using Sweep.Evaluation.Metrics.Instructions;

namespace Sweep.Evaluation.Metrics;

/// <summary>
/// IFEval's verdicts (Zhou et al. 2023): strict on the response as it is; loose on eight variants of it (without first line, last line, both; each with and without
/// asterisks). A blank response keeps to nothing.
/// </summary>
public static class IfevalMetric
{
    /// <summary>The kinds of instruction that can be checked.</summary>
    public static IReadOnlyCollection<string> Kinds => InstructionKinds.Names;

    /// <summary>One verdict an instruction, strict and loose.</summary>
    public static (bool[] Strict, bool[] Loose) Check(IReadOnlyList<Instruction> instructions, string response)
    {
        bool[] strict = [.. instructions.Select(instruction => Keeps(instruction, response))];
        var variants = Variants(response);
        return (strict, [.. instructions.Select((instruction, index) => strict[index] || variants.Any(variant => Keeps(instruction, variant)))]);
    }

    private static bool Keeps(Instruction instruction, string response) =>
        !string.IsNullOrWhiteSpace(response) && InstructionKinds.Find(instruction.Kind).IsKept(instruction, response);

    /// <summary>The seven beside the response itself, each once.</summary>
    private static string[] Variants(string response)
    {
        var lines = response.Split('\n');
        string[] cut =
        [
            response,
            string.Join('\n', lines.Skip(1)).Trim(),
            string.Join('\n', lines.SkipLast(1)).Trim(),
            string.Join('\n', lines.Skip(1).SkipLast(1)).Trim(),
        ];
        return [.. cut.Concat(cut.Select(variant => variant.Replace("*", "", StringComparison.Ordinal))).Distinct(StringComparer.Ordinal).Skip(1)];
    }
}
