namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>Begins with the prompt, whatever the case.</summary>
internal sealed class RepeatPrompt : InstructionKind
{
    public override string Name => "combination:repeat_prompt";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Phrase("prompt_to_repeat")];

    public override bool IsKept(Instruction instruction, string response) =>
        response.Trim().ToLowerInvariant().StartsWith(instruction.Text("prompt_to_repeat").Trim().ToLowerInvariant(), StringComparison.Ordinal);
}
