using Sweep.Evaluation.Metrics.Text;

namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>In English and in capitals: a letter with a case, and none that is not a capital. A text whose language cannot be told passes for English.</summary>
internal sealed class EnglishCapital : InstructionKind
{
    public override string Name => "change_case:english_capital";

    public override bool IsKept(Instruction instruction, string response) => PythonText.IsUpper(response) && LanguageDetector.MayBe("en", response);
}
