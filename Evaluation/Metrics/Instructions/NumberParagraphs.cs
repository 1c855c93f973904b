namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>Exactly so many paragraphs with three asterisks between them; a blank before the first or after the last mark is passed over, one between marks is not.</summary>
internal sealed class NumberParagraphs : InstructionKind
{
    public override string Name => "length_constraints:number_paragraphs";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Count("num_paragraphs")];

    public override bool IsKept(Instruction instruction, string response)
    {
        string[] paragraphs = [.. response.Split("***").Select(paragraph => paragraph.Trim())];
        return !paragraphs.Skip(1).SkipLast(1).Contains("") && paragraphs.Count(paragraph => paragraph.Length > 0) == instruction.Number("num_paragraphs");
    }
}
