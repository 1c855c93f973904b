namespace Sweep.Contracts.Plans;

/// <summary>What a plan's search must be: a known method, with its own fields, and something to choose on.</summary>
internal static class SearchRules
{
    /// <summary>What others call a search that proposes scalars; here <see cref="SearchPlan.Curve"/> does.</summary>
    public const string Tpe = "tpe";

    private const double LargestSaving = 1000;
    private const int MostRounds = 100;

    public static void Check(SweepPlan plan, List<PlanProblem> problems)
    {
        if (plan.Search is not { } search)
            return;
        var check = new PlanChecks(problems);
        if (search.Method == Tpe)
            problems.Add(new PlanProblem("search.method", $"found '{Tpe}', which there is not, expected {SearchPlan.Curve}: it proposes scalars from the effects of those before"));
        else
            check.Word(search.Method, PlanWords.Searches, "search.method");
        check.Between(search.Items, 1, int.MaxValue, "search.items");
        if (search.Saving is { } saving && !(saving is >= 1 and <= LargestSaving))
            problems.Add(new PlanProblem("search.saving", $"found {PlanChecks.Shown(saving)}, expected a number from 1 to {LargestSaving}"));
        if (search is { Method: SearchPlan.Grid, Items: not null })
            problems.Add(new PlanProblem("search.items", "found items of a full grid, expected them with another method only"));
        check.Between(search.First, 2, int.MaxValue, "search.first");
        check.Between(search.Rounds, 2, MostRounds, "search.rounds");
        if (search.Method == SearchPlan.Curve && (search.First ?? SearchPlan.UsualFirst) is var first && SearchStages.MostScalars(plan) is var scalars && first >= scalars)
            problems.Add(new PlanProblem("search.first", $"found {first} of at most {scalars} scalars beside the baseline, expected fewer: there would be none to propose"));
        if (search.Method == SearchPlan.Racing && SearchStages.MostScalars(plan) < 2)
            problems.Add(new PlanProblem("search", "found one scalar beside the baseline, expected at least two that race"));
        Only(search, SearchPlan.Racing, "saving", search.Saving is not null, problems);
        Only(search, SearchPlan.Curve, "first", search.First is not null, problems);
        Only(search, SearchPlan.Curve, "rounds", search.Rounds is not null, problems);
        if (search.Method != SearchPlan.Grid && PlanValidator.Folds(plan) is { } folds)
            problems.Add(new PlanProblem("search", $"found {PlanChecks.Shown(search.Method)} beside {folds} folds, expected a split of shares, or the full grid: a search chooses on selection items, and of folds every item is reported"));
        if (plan.Benchmarks.Count > 0 && plan.Benchmarks.All(benchmark => PlanWords.Texts.Contains(benchmark.Name)))
            problems.Add(new PlanProblem("search", $"found plain text alone, expected a benchmark beside it that scalars can be chosen on"));
    }

    /// <summary>A field of one method.</summary>
    private static void Only(SearchPlan search, string method, string field, bool given, List<PlanProblem> problems)
    {
        if (given && search.Method != method)
            problems.Add(new PlanProblem($"search.{field}", $"found {field} with method: {search.Method}, expected it with method: {method} only"));
    }
}
