using Sweep.Contracts.Plans;

namespace Sweep.Dashboard.Pages.Submit;

/// <summary>A plan that is being written: its text, and what is wrong with it.</summary>
internal sealed record PlanDraft
{
    public const int MostCharacters = 256 << 10;

    public required string Text { get; init; }

    /// <summary>Null: it is not one yet.</summary>
    public SweepPlan? Plan { get; init; }

    public required IReadOnlyList<PlacedProblem> Problems { get; init; }

    public static PlanDraft Of(string text)
    {
        if (text.Length > MostCharacters)
            return new PlanDraft { Text = text, Problems = [Whole($"found {text.Length} characters, expected at most {MostCharacters}")] };
        try
        {
            return new PlanDraft { Text = text, Plan = PlanReader.Read(text, "plan"), Problems = [] };
        }
        catch (InvalidPlanException exception)
        {
            return new PlanDraft { Text = text, Problems = exception.Placed.Count > 0 ? exception.Placed : [.. exception.Problems.Select(Whole)] };
        }
    }

    /// <summary>Problems of a field and of what is in it.</summary>
    public IReadOnlyList<PlacedProblem> At(string field) => [.. Problems.Where(problem =>
        problem.Problem.Path == field || problem.Problem.Path.StartsWith(field + ".", StringComparison.Ordinal) || problem.Problem.Path.StartsWith(field + "[", StringComparison.Ordinal))];

    private static PlacedProblem Whole(string message) => new(1, 1, new PlanProblem("", message));
}
