namespace Sweep.Contracts.Plans;

/// <summary>One thing wrong with a plan.</summary>
/// <param name="Path">Where, for instance "bottlenecks[0].channels.top"; empty for the plan as a whole.</param>
/// <param name="Message">What was found and what was expected.</param>
public sealed record PlanProblem(string Path, string Message)
{
    public override string ToString() => Path.Length == 0 ? Message : $"{Path}: {Message}";
}
