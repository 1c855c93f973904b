using Sweep.Evaluation.Metrics.Text;

namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>How often a keyword is there, also within words, whatever the case.</summary>
internal sealed class KeywordFrequency : InstructionKind
{
    public override string Name => "keywords:frequency";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Phrase("keyword"), Argument.Count("frequency"), Argument.Relation("relation")];

    public override bool IsKept(Instruction instruction, string response) => Comparison.Holds(
        instruction.Text("relation"), Occurrences.Of(instruction.Text("keyword").Trim(), response, StringComparison.OrdinalIgnoreCase).Count(), instruction.Number("frequency"));
}
