namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>Something that is not blank between double angular brackets on one line.</summary>
internal sealed class Title : InstructionKind
{
    public override string Name => "detectable_format:title";

    public override bool IsKept(Instruction instruction, string response) => response.Split('\n').Any(HasTitle);

    private static bool HasTitle(string line)
    {
        var open = line.IndexOf("<<", StringComparison.Ordinal);
        var close = line.LastIndexOf(">>", StringComparison.Ordinal);
        return open >= 0 && close >= open + 3 && line[open..close].TrimStart('<').TrimEnd('>').Trim().Length > 0;
    }
}
