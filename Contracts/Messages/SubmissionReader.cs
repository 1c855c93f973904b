using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Plans.Templates;

namespace Sweep.Contracts.Messages;

/// <summary>What a command asks to run, read and checked.</summary>
/// <param name="Plan">With the command's owner.</param>
/// <param name="Text">The plan as it came.</param>
public sealed record SubmittedPlan(SweepPlan Plan, string Text)
{
    public string SweepId => SweepIds.Of(Plan);
}

/// <summary>Reads the plan out of a command; touches no file but for what the caller's templates read.</summary>
public static class SubmissionReader
{
    private const int LongestKey = 200;

    /// <exception cref="InvalidPlanException">Every problem at once.</exception>
    public static SubmittedPlan Read(SubmitSweep command)
    {
        var problems = new List<string>();
        Members(command.Unknown, ["key", "plan", "plan_text", "owner"], problems);
        Key(command.Key, problems);
        var structured = command.Plan is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } element ? element : (JsonElement?)null;
        SubmittedPlan? submitted = null;
        if (structured is null == command.PlanText is null)
            problems.Add($"plan: found {(structured is null ? "neither plan nor plan_text" : "both plan and plan_text")}, expected one of them");
        else if (structured is { } json)
            submitted = Attempt(() => Read(json.GetRawText(), "plan"), problems);
        else
            submitted = Attempt(() => Read(command.PlanText!, "plan_text"), problems);
        return Finish(submitted, command.Owner, problems);
    }

    /// <param name="command">Names the template and gives its parameters.</param>
    /// <param name="templates">The template of a name; throws <see cref="InvalidPlanException"/> where there is none.</param>
    /// <exception cref="InvalidPlanException">Every problem at once.</exception>
    public static SubmittedPlan Read(RunExperiment command, Func<string, PlanTemplate> templates)
    {
        var problems = new List<string>();
        Members(command.Unknown, ["template", "parameters", "key", "owner"], problems);
        Key(command.Key, problems);
        SubmittedPlan? submitted = null;
        if (command.Template is not { } name)
            problems.Add("template: found none, expected a template's name");
        else
            submitted = Attempt(() => Filled(templates(name), command), problems);
        return Finish(submitted, command.Owner, problems);
    }

    private static SubmittedPlan Read(string text, string source) => new(PlanReader.Read(text, source), text);

    /// <summary>The plan's canonical JSON is its text: the template may change later.</summary>
    private static SubmittedPlan Filled(PlanTemplate template, RunExperiment command)
    {
        var plan = template.Fill(command.Parameters ?? []);
        return new SubmittedPlan(plan, JsonSerializer.Serialize(plan, SweepJson.Indented));
    }

    private static SubmittedPlan Finish(SubmittedPlan? submitted, string? owner, List<string> problems)
    {
        if (submitted is not null && owner is not null)
        {
            submitted = submitted with { Plan = submitted.Plan with { Owner = owner } };
            problems.AddRange(PlanValidator.Validate(submitted.Plan).Select(problem => problem.ToString()));
        }

        return problems.Count > 0 ? throw new InvalidPlanException(problems) : submitted!;
    }

    private static SubmittedPlan? Attempt(Func<SubmittedPlan> read, List<string> problems)
    {
        try
        {
            return read();
        }
        catch (InvalidPlanException refused)
        {
            problems.AddRange(refused.Problems);
            return null;
        }
    }

    /// <summary>What is wrong with a submission's key; null: nothing.</summary>
    public static string? KeyProblem(string? key) => key is not null && (string.IsNullOrWhiteSpace(key) || key.Length > LongestKey || key.Any(char.IsControl))
        ? $"key: found {PlanChecks.Shown(key)}, expected 1 to {LongestKey} characters in one line"
        : null;

    private static void Key(string? key, List<string> problems)
    {
        if (KeyProblem(key) is { } problem)
            problems.Add(problem);
    }

    private static void Members(IReadOnlyDictionary<string, JsonElement>? unknown, string[] known, List<string> problems)
    {
        foreach (var name in unknown?.Keys.Order(StringComparer.Ordinal).Take(20) ?? Enumerable.Empty<string>())
            problems.Add($"found unknown member {PlanChecks.Shown(name)}, expected {PlanWords.OneOf(known)}");
    }
}
