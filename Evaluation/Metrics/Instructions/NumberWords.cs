using Sweep.Evaluation.Metrics.Text;

namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>How many runs of letters, digits and underscores: "don't" is two.</summary>
internal sealed class NumberWords : InstructionKind
{
    public override string Name => "length_constraints:number_words";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Count("num_words"), Argument.Relation("relation")];

    public override bool IsKept(Instruction instruction, string response) =>
        Comparison.Holds(instruction.Text("relation"), PythonText.CountWords(response), instruction.Number("num_words"));
}
