namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>No comma anywhere; only the ASCII one counts.</summary>
internal sealed class NoComma : InstructionKind
{
    public override string Name => "punctuation:no_comma";

    public override bool IsKept(Instruction instruction, string response) => !response.Contains(',', StringComparison.Ordinal);
}
