namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>Begins and ends with a straight double quotation mark.</summary>
internal sealed class Quotation : InstructionKind
{
    public override string Name => "startend:quotation";

    public override bool IsKept(Instruction instruction, string response) => response.Trim() is ['"', .., '"'];
}
