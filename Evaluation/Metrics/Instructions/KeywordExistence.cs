namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>Every keyword, anywhere, also within a word, whatever the case.</summary>
internal sealed class KeywordExistence : InstructionKind
{
    public override string Name => "keywords:existence";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Words("keywords")];

    public override bool IsKept(Instruction instruction, string response) => instruction.Words("keywords").All(keyword => response.Contains(keyword, StringComparison.OrdinalIgnoreCase));
}
