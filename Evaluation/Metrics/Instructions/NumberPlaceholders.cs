namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>At least so many placeholders: square brackets with anything or nothing between them, on one line.</summary>
internal sealed class NumberPlaceholders : InstructionKind
{
    public override string Name => "detectable_content:number_placeholders";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Count("num_placeholders")];

    public override bool IsKept(Instruction instruction, string response) => response.Split('\n').Sum(Placeholders) >= instruction.Number("num_placeholders");

    private static int Placeholders(string line)
    {
        var (count, at) = (0, 0);
        while (true)
        {
            var open = line.IndexOf('[', at);
            var close = open < 0 ? -1 : line.IndexOf(']', open);
            if (close < 0)
                return count;
            (count, at) = (count + 1, close + 1);
        }
    }
}
