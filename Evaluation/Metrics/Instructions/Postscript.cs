using System.Text.RegularExpressions;

namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>
/// A postscript, anywhere. The markers of the file are read loosely, whatever the case: "P.S." also as "p. s.", "P.P.S" also as "p. p. s" and without a last full stop.
/// Any other marker is looked for as it is.
/// </summary>
internal sealed partial class Postscript : InstructionKind
{
    public override string Name => "detectable_content:postscript";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Phrase("postscript_marker")];

    public override bool IsKept(Instruction instruction, string response)
    {
        var lower = response.ToLowerInvariant();
        return instruction.Text("postscript_marker").Trim() switch
        {
            "P.S." => One().IsMatch(lower),
            "P.P.S" => Two().IsMatch(lower),
            var marker => lower.Contains(marker.ToLowerInvariant(), StringComparison.Ordinal),
        };
    }

    [GeneratedRegex(@"p\.\s?s\.", RegexOptions.CultureInvariant)]
    private static partial Regex One();

    [GeneratedRegex(@"p\.\s?p\.\s?s", RegexOptions.CultureInvariant)]
    private static partial Regex Two();
}
