using Sweep.Evaluation.Metrics.Text;

namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>None of the words as a word of its own, whatever the case.</summary>
internal sealed class ForbiddenWords : InstructionKind
{
    public override string Name => "keywords:forbidden_words";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Words("forbidden_words")];

    public override bool IsKept(Instruction instruction, string response) => !instruction.Words("forbidden_words").Any(word => HasWord(word, response));

    private static bool HasWord(string word, string response)
    {
        for (var at = response.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = Next(at))
        {
            if (PythonText.IsWordBoundary(response, at) && PythonText.IsWordBoundary(response, at + word.Length))
                return true;
        }

        return false;

        int Next(int at) => at + 1 < response.Length ? response.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase) : -1;
    }
}
