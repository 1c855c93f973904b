namespace Sweep.Evaluation.Ruler;

/// <summary>A prompt as a task makes it.</summary>
internal sealed record RulerPrompt(string Input, string AnswerPrefix, IReadOnlyList<string> Outputs);

/// <summary>One of RULER's task configurations: makes a prompt of any size.</summary>
internal abstract class RulerTask
{
    public abstract string Name { get; }

    /// <summary>Room for the answer.</summary>
    public abstract int AnswerTokens { get; }

    /// <summary>Fewest units that a prompt of this task can have.</summary>
    public abstract int FewestUnits { get; }

    /// <summary>Units by which a sample that is too long is shortened.</summary>
    public abstract int Step(int length);

    /// <summary>A prompt with so many units of what the answer is hidden in: a function of its arguments alone, and not shorter with more units.</summary>
    /// <param name="index">Number of the sample.</param>
    /// <param name="units">At least <see cref="FewestUnits"/>.</param>
    public abstract RulerPrompt Make(int index, int units);
}
