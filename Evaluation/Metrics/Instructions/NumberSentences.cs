using Sweep.Evaluation.Metrics.Text;

namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>How many sentences Punkt sees.</summary>
internal sealed class NumberSentences : InstructionKind
{
    public override string Name => "length_constraints:number_sentences";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Count("num_sentences"), Argument.Relation("relation")];

    public override bool IsKept(Instruction instruction, string response) =>
        Comparison.Holds(instruction.Text("relation"), PunktSentences.Count(response), instruction.Number("num_sentences"));
}
