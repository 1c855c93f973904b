namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>How often a letter, or another character, is there, whatever the case.</summary>
internal sealed class LetterFrequency : InstructionKind
{
    public override string Name => "keywords:letter_frequency";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Letter("letter"), Argument.Count("let_frequency"), Argument.Relation("let_relation")];

    public override bool IsKept(Instruction instruction, string response)
    {
        var letter = char.ToLowerInvariant(instruction.Text("letter")[0]);
        return Comparison.Holds(instruction.Text("let_relation"), response.Count(c => char.ToLowerInvariant(c) == letter), instruction.Number("let_frequency"));
    }
}
