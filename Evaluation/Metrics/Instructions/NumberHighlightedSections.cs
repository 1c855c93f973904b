using System.Text.RegularExpressions;

namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>At least so many highlights that are not blank: texts between single asterisks, and texts between double ones, on one line.</summary>
internal sealed class NumberHighlightedSections : InstructionKind
{
    private const RegexOptions Linear = RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    private static readonly Regex Single = new(@"\*[^\n\*]*\*", Linear);

    private static readonly Regex Double = new(@"\*\*[^\n\*]*\*\*", Linear);

    public override string Name => "detectable_format:number_highlighted_sections";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Count("num_highlights")];

    public override bool IsKept(Instruction instruction, string response) => NotBlank(Single, response) + NotBlank(Double, response) >= instruction.Number("num_highlights");

    private static int NotBlank(Regex highlight, string response) => highlight.Matches(response).Count(match => match.Value.Trim('*').Trim().Length > 0);
}
