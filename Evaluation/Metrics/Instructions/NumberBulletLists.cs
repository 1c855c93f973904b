using System.Text.RegularExpressions;

namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>
/// Exactly so many bullets: lines that begin with one asterisk, and lines that begin with a dash, so a rule of dashes is one too. White space before a bullet
/// may hold empty lines.
/// </summary>
internal sealed class NumberBulletLists : InstructionKind
{
    private const RegexOptions Linear = RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    private static readonly Regex Stars = new(@"^\s*\*[^\*].*$", Linear);

    private static readonly Regex Dashes = new(@"^\s*-.*$", Linear);

    public override string Name => "detectable_format:number_bullet_lists";

    public override IReadOnlyList<Argument> Arguments { get; } = [Argument.Count("num_bullets")];

    public override bool IsKept(Instruction instruction, string response) => Stars.Count(response) + Dashes.Count(response) == instruction.Number("num_bullets");
}
