using Sweep.Evaluation.Metrics.Text;

namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>In the language. A text whose language cannot be told, for instance one of digits, passes: the official code counts its detector's failure so.</summary>
internal sealed class ResponseLanguage : InstructionKind
{
    public override string Name => "language:response_language";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Language("language")];

    public override bool IsKept(Instruction instruction, string response) => LanguageDetector.MayBe(instruction.Text("language"), response);
}
