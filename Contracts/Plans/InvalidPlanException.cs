namespace Sweep.Contracts.Plans;

/// <summary>A plan that cannot be run; every problem at once, each naming its place, what was found and what was expected.</summary>
public sealed class InvalidPlanException : Exception
{
    public InvalidPlanException(IReadOnlyList<string> problems)
        : base(string.Join('\n', problems)) => Problems = problems;

    public InvalidPlanException(string problem)
        : this([problem])
    {
    }

    public IReadOnlyList<string> Problems { get; }
}
