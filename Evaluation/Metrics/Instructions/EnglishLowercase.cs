using Sweep.Evaluation.Metrics.Text;

namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>In English and in small letters: a letter with a case, and none that is not small. A text whose language cannot be told passes for English.</summary>
internal sealed class EnglishLowercase : InstructionKind
{
    public override string Name => "change_case:english_lowercase";

    public override bool IsKept(Instruction instruction, string response) => PythonText.IsLower(response) && LanguageDetector.MayBe("en", response);
}
