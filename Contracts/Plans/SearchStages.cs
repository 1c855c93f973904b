namespace Sweep.Contracts.Plans;

/// <summary>
/// A search is a chain of sweeps over one ledger: each waits for the one before it, which has a plan and an id of its own, both functions of its plan. The last one is the sweep
/// that was asked for. Before the first one stands that of the plan's recipes over items, where it has any.
/// </summary>
public static class SearchStages
{
    /// <summary>The plan of the sweep that must be complete before this plan can be resolved; null: there is none.</summary>
    public static SweepPlan? Before(SweepPlan plan) => plan.Search switch
    {
        { Method: SearchPlan.Screening } search => plan with { Name = $"{plan.Name}.{SearchPlan.Screen}", Search = search with { Method = SearchPlan.Screen } },
        _ => ImpactStages.Of(plan),
    };

    /// <summary>The same, but only where it is a stage of the search itself.</summary>
    public static SweepPlan? BeforeInSearch(SweepPlan plan) => Before(plan) is { } stage && !ImpactStages.IsOne(stage) ? stage : null;

    /// <summary>True: the sweep was not asked for by itself, but is a stage of another one.</summary>
    public static bool IsStage(SweepPlan plan) => plan.Search is { Method: SearchPlan.Screen or SearchPlan.Impact };

    /// <summary>What a sweep that waits for this stage shows of it, for instance "screening, running".</summary>
    public static string Progress(SweepPlan stage, string state) =>
        $"{(stage.Search!.Method == SearchPlan.Screen ? SearchPlan.Screening : stage.Search.Method)}, {state.ToLowerInvariant()}";

    /// <summary>The name of the plan that a stage of its search was made of.</summary>
    internal static string AskedName(SweepPlan plan) => plan.Search is { Method: SearchPlan.Screen } ? plan.Name[..^(SearchPlan.Screen.Length + 1)] : plan.Name;
}
