using Sweep.Contracts.Plans;

namespace Sweep.Dashboard.Pages.Submit;

/// <summary>A plan that is being written: its text, and what is wrong with it.</summary>
internal sealed record PlanDraft
{
    public const int MostCharacters = 256 << 10;

    public required string Text { get; init; }

    /// <summary>Null: it is not one yet.</summary>
    public SweepPlan? Plan { get; init; }

    public required IReadOnlyList<DraftProblem> Problems { get; init; }

    public static PlanDraft Of(string text)
    {
        if (text.Length > MostCharacters)
            return new PlanDraft { Text = text, Problems = [new DraftProblem(null, null, "", $"found {text.Length} characters, expected at most {MostCharacters}")] };
        try
        {
            return new PlanDraft { Text = text, Plan = PlanReader.Read(text, DraftProblem.Source), Problems = [] };
        }
        catch (InvalidPlanException exception)
        {
            return new PlanDraft { Text = text, Problems = [.. exception.Problems.Select(DraftProblem.Parse)] };
        }
    }

    /// <summary>Problems of a field and of what is in it.</summary>
    public IReadOnlyList<DraftProblem> At(string field) => [.. Problems.Where(problem =>
        problem.Path == field || problem.Path.StartsWith(field + ".", StringComparison.Ordinal) || problem.Path.StartsWith(field + "[", StringComparison.Ordinal))];
}

/// <summary>One thing wrong with the text.</summary>
/// <param name="Line">From 1; null: nowhere in particular.</param>
/// <param name="Path">"bottlenecks[0].layer"; empty: the whole.</param>
internal sealed record DraftProblem(int? Line, int? Column, string Path, string Message)
{
    public const string Source = "plan";

    /// <summary>"plan:3:5: scalars[1]: found …" apart.</summary>
    public static DraftProblem Parse(string problem)
    {
        var parts = problem.Split(':', 4);
        if (parts.Length < 4 || parts[0] != Source || !int.TryParse(parts[1], out var line) || !int.TryParse(parts[2], out var column))
            return new DraftProblem(null, null, "", problem);
        var rest = parts[3].TrimStart();
        var end = rest.IndexOf(": ", StringComparison.Ordinal);
        return end > 0 && !rest.AsSpan(0, end).Contains(' ') ? new DraftProblem(line, column, rest[..end], rest[(end + 2)..]) : new DraftProblem(line, column, "", rest);
    }
}
