namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>
/// Exactly so many paragraphs with an empty line between them, of which the n-th begins with a word, whatever the case and the quotes before it. Blank paragraphs are not
/// counted, but the n-th is found among all, blank ones too.
/// </summary>
internal sealed class NthParagraphFirstWord : InstructionKind
{
    public override string Name => "length_constraints:nth_paragraph_first_word";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Count("num_paragraphs"), Argument.Count("nth_paragraph"), Argument.Phrase("first_word")];

    public override bool IsKept(Instruction instruction, string response)
    {
        string[] paragraphs = [.. response.Split("\n\n").Select(paragraph => paragraph.Trim())];
        var count = paragraphs.Count(paragraph => paragraph.Length > 0);
        var nth = instruction.Number("nth_paragraph");
        return count == instruction.Number("num_paragraphs") && nth <= count && FirstWord(paragraphs[nth - 1]) == instruction.Text("first_word").ToLowerInvariant();
    }

    public override ArgumentProblem? Conflict(Instruction instruction)
    {
        var (nth, all) = (instruction.Number("nth_paragraph"), instruction.Number("num_paragraphs"));
        return nth >= 1 && nth <= all ? null : new ArgumentProblem("nth_paragraph", $"{nth}", $"from 1 to num_paragraphs, {all}");
    }

    private static string FirstWord(string paragraph)
    {
        var word = paragraph.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries) is [var first, ..] ? first.TrimStart('\'').TrimStart('"') : "";
        var end = word.AsSpan().IndexOfAny(".,?!'\"");
        return (end < 0 ? word : word[..end]).ToLowerInvariant();
    }
}
