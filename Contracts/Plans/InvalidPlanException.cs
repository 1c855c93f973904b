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

    /// <param name="source">How messages call the text.</param>
    /// <param name="placed">In the order of the text.</param>
    public InvalidPlanException(string source, IReadOnlyList<PlacedProblem> placed)
        : this([.. placed.Select(problem => $"{source}:{problem.Line}:{problem.Column}: {problem.Problem}")]) => Placed = placed;

    public IReadOnlyList<string> Problems { get; }

    /// <summary>The same by path; empty where they are not of one text.</summary>
    public IReadOnlyList<PlacedProblem> Placed { get; } = [];
}
