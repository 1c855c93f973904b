namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>
/// A kind of IFEval instruction (Zhou et al. 2023): its arguments and its check, as google-research/instruction_following_eval decides. One small subclass each,
/// found by name in <see cref="InstructionKinds"/>. A check takes time in proportion to the response, whatever the response.
/// </summary>
internal abstract class InstructionKind
{
    /// <summary>For instance "punctuation:no_comma".</summary>
    public abstract string Name { get; }

    /// <summary>All of them are required: the official code draws a missing one at random.</summary>
    public virtual IReadOnlyList<Argument> Arguments => [];

    /// <summary>Whether a response that is not blank does what it should.</summary>
    public abstract bool IsKept(Instruction instruction, string response);

    /// <summary>What is wrong with arguments that are each right by themselves; null: nothing.</summary>
    public virtual ArgumentProblem? Conflict(Instruction instruction) => null;
}
