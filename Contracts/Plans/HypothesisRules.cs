namespace Sweep.Contracts.Plans;

/// <summary>What must hold of hypotheses: they name what the plan has, and claim something that its answer can confirm or refute.</summary>
internal static class HypothesisRules
{
    private const int Most = 1_000;
    private const int LongestStatement = 1_000;

    public static void Check(SweepPlan plan, List<PlanProblem> problems)
    {
        if (plan.Hypotheses is not { } hypotheses)
            return;
        var check = new PlanChecks(problems);
        if (hypotheses.Count is 0 or > Most)
            problems.Add(new PlanProblem("hypotheses", $"found {hypotheses.Count} hypotheses, expected 1 to {Most}"));
        check.Distinct([.. hypotheses.Select(hypothesis => hypothesis.Name)], index => $"hypotheses[{index}].name", "a name");
        for (var index = 0; index < hypotheses.Count; index++)
            Hypothesis(plan, hypotheses[index], $"hypotheses[{index}]", problems);
    }

    private static void Hypothesis(SweepPlan plan, HypothesisPlan hypothesis, string path, List<PlanProblem> problems)
    {
        var check = new PlanChecks(problems);
        check.Name(hypothesis.Name, $"{path}.name");
        if (string.IsNullOrWhiteSpace(hypothesis.Statement) || hypothesis.Statement.Length > LongestStatement || hypothesis.Statement.Any(char.IsControl))
            problems.Add(new PlanProblem($"{path}.statement", $"found {PlanChecks.Shown(hypothesis.Statement)}, expected 1 to {LongestStatement} characters in one line"));
        check.Word(hypothesis.Direction, PlanWords.Directions, $"{path}.direction");
        check.Word(hypothesis.Against, PlanWords.Opponents, $"{path}.against");
        string[] bottlenecks = [.. plan.Bottlenecks.SelectMany(Names)];
        check.Word(hypothesis.Bottleneck, bottlenecks, $"{path}.bottleneck");
        Each(hypothesis.Benchmarks, [.. plan.Benchmarks.Where(benchmark => !PlanWords.Texts.Contains(benchmark.Name)).Select(benchmark => benchmark.Label ?? benchmark.Name)], $"{path}.benchmarks", "a benchmark", problems);
        Each(hypothesis.Models, [.. plan.Models.Select(HubModel.ResultName)], $"{path}.models", "a model", problems);
        Each(hypothesis.Than, [.. bottlenecks.Where(name => name != hypothesis.Bottleneck)], $"{path}.than", "a bottleneck", problems);
        if (hypothesis.Metric is { } metric)
            check.Name(metric, $"{path}.metric");
        if (hypothesis is { Scalar: not null, Chosen: not null })
            problems.Add(new PlanProblem(path, "found both scalar and chosen, expected one of them: it holds at a scalar, or at the one that is chosen"));
        Scalar(plan, hypothesis, hypothesis.Scalar, $"{path}.scalar", problems);
        Scalar(plan, hypothesis, hypothesis.Chosen, $"{path}.chosen", problems);
        if (hypothesis.SmallestEffect is { } smallest)
            PlanValidator.SmallestEffect(smallest, $"{path}.smallest_effect", problems);
        if (hypothesis.Against != PlanWords.OfControls)
            return;
        if (hypothesis.Direction != PlanWords.Better)
            problems.Add(new PlanProblem($"{path}.direction", $"found {PlanChecks.Shown(hypothesis.Direction)} against controls, expected {PlanWords.Better}: a rank says how many of them it beats"));
        foreach (var (field, given) in ((string, bool)[])[("than", hypothesis.Than is not null), ("metric", hypothesis.Metric is not null), ("scalar", hypothesis.Scalar is not null), ("smallest_effect", hypothesis.SmallestEffect is not null)])
        {
            if (given)
                problems.Add(new PlanProblem($"{path}.{field}", $"found {field} against controls, expected it against the baseline only"));
        }

        if (plan.Controls.Random == 0)
            problems.Add(new PlanProblem($"{path}.against", "found controls in a plan without random ones, expected controls with random: and a number"));
    }

    /// <summary>The bottleneck is run at it.</summary>
    private static void Scalar(SweepPlan plan, HypothesisPlan hypothesis, double? scalar, string path, List<PlanProblem> problems)
    {
        if (scalar is not { } value || plan.Bottlenecks.FirstOrDefault(bottleneck => Names(bottleneck).Contains(hypothesis.Bottleneck)) is not { } bottleneck)
            return;
        var scalars = bottleneck.Scalars ?? plan.Scalars;
        if (!scalars.Contains(value))
            problems.Add(new PlanProblem(path, $"found {PlanChecks.Shown(value)}, expected a scalar of bottleneck {PlanChecks.Shown(bottleneck.Name)}"));
    }

    private static void Each(IReadOnlyList<string>? names, IReadOnlyList<string> known, string path, string what, List<PlanProblem> problems)
    {
        if (names is null)
            return;
        var check = new PlanChecks(problems);
        check.NotEmpty(names, path, what);
        check.Distinct(names, index => $"{path}[{index}]", what);
        for (var index = 0; index < names.Count; index++)
        {
            if (known.Count == 0)
                problems.Add(new PlanProblem($"{path}[{index}]", $"found {PlanChecks.Shown(names[index])}, expected none: the plan has no such"));
            else
                check.Word(names[index], known, $"{path}[{index}]");
        }
    }

    /// <summary>As results call them: a random recipe is a bottleneck a seed.</summary>
    private static IEnumerable<string> Names(BottleneckPlan bottleneck)
    {
        var seeds = bottleneck.Channels.Seeds ?? bottleneck.Parts?.FirstOrDefault(part => part.Channels.Seeds is not null)?.Channels.Seeds;
        return seeds is null ? [bottleneck.Name] : seeds.Select(seed => $"{bottleneck.Name} (seed {seed})");
    }
}
