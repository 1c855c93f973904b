namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>Two different texts with six asterisks between them; blanks before the first asterisks and after the last are passed over, a blank between is not.</summary>
internal sealed class TwoResponses : InstructionKind
{
    public override string Name => "combination:two_responses";

    public override bool IsKept(Instruction instruction, string response)
    {
        string[] parts = [.. response.Split("******").Select(part => part.Trim())];
        return !parts.Skip(1).SkipLast(1).Contains("")
            && parts.Where(part => part.Length > 0).ToArray() is [var first, var second] && first != second;
    }
}
