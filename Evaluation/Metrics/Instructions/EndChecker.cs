namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>Ends with a phrase, whatever the case and the quotation marks around the response.</summary>
internal sealed class EndChecker : InstructionKind
{
    public override string Name => "startend:end_checker";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Phrase("end_phrase")];

    public override bool IsKept(Instruction instruction, string response) =>
        response.Trim().Trim('"').ToLowerInvariant().EndsWith(instruction.Text("end_phrase").Trim().ToLowerInvariant(), StringComparison.Ordinal);
}
