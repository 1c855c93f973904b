using Sweep.Evaluation.Metrics.Text;

namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>How many words are in capitals, by the words of the Penn Treebank: "I" is one, DON'T is two, A-B is one.</summary>
internal sealed class CapitalWordFrequency : InstructionKind
{
    public override string Name => "change_case:capital_word_frequency";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Count("capital_frequency"), Argument.Relation("capital_relation")];

    public override bool IsKept(Instruction instruction, string response) =>
        Comparison.Holds(instruction.Text("capital_relation"), TreebankWords.Split(response).Count(PythonText.IsUpper), instruction.Number("capital_frequency"));
}
