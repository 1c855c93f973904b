namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>One of three answers, anywhere, to the letter.</summary>
internal sealed class ConstrainedResponse : InstructionKind
{
    private static readonly string[] Options = ["My answer is yes.", "My answer is no.", "My answer is maybe."];

    public override string Name => "detectable_format:constrained_response";

    public override bool IsKept(Instruction instruction, string response) => Options.Any(option => response.Contains(option, StringComparison.Ordinal));
}
