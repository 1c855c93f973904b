namespace Sweep.Contracts.Plans;

/// <summary>
/// A search is a chain of sweeps over one ledger: each waits for the one before it, which has a plan and an id of its own, both functions of its plan. The last one is the sweep
/// that was asked for.
/// </summary>
public static class SearchStages
{
    /// <summary>The plan of the sweep that must be complete before this plan can be resolved; null: there is none.</summary>
    public static SweepPlan? Before(SweepPlan plan) => plan.Search is { Method: SearchPlan.Screening } search
        ? plan with { Name = $"{plan.Name}.{SearchPlan.Screen}", Search = search with { Method = SearchPlan.Screen } }
        : null;

    /// <summary>True: the sweep was not asked for by itself, but is a stage of another one.</summary>
    public static bool IsStage(SweepPlan plan) => plan.Search is { Method: SearchPlan.Screen };
}
