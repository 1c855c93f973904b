using Sweep.Evaluation.Metrics.Text;

namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>At least so many section marks: the splitter, to the letter, at most one white space, a number.</summary>
internal sealed class MultipleSections : InstructionKind
{
    public override string Name => "detectable_format:multiple_sections";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Phrase("section_spliter"), Argument.Count("num_sections")];

    public override bool IsKept(Instruction instruction, string response)
    {
        var splitter = instruction.Text("section_spliter").Trim();
        var count = 0;
        foreach (var start in Occurrences.Of(splitter, response, StringComparison.Ordinal))
        {
            var after = start + splitter.Length;
            if (after < response.Length && char.IsWhiteSpace(response[after]))
                after++;
            if (after < response.Length && char.IsDigit(response[after]))
                count++;
        }

        return count >= instruction.Number("num_sections");
    }
}
