using Sweep.Contracts.Plans;

namespace Sweep.Execution.Planning.Search;

/// <summary>The stages of a search before anything runs; of the last one what it comes to at most.</summary>
public sealed record PlannedSearch
{
    private PlannedSearch(SweepPlan plan, ResolvedPlan grid)
    {
        Stage = SearchStages.BeforeInSearch(plan)!;
        Screened = ScreeningStage.Of(grid, plan.Search!.Items ?? SearchPlan.UsualItems);
        Frozen = FrozenStage.AtMost(grid);
        Record = SearchRecord.Of(plan, Stage, Screened, Frozen, grid);
    }

    /// <summary>The first stage's plan.</summary>
    public SweepPlan Stage { get; }

    public ResolvedPlan Screened { get; }

    public ResolvedPlan Frozen { get; }

    public SearchRecord Record { get; }

    /// <param name="plan">As its user wrote it.</param>
    /// <param name="grid">The same plan without its search, resolved.</param>
    /// <returns>Null: the plan is a full grid.</returns>
    /// <exception cref="InvalidPlanException">It has too few items for its stages.</exception>
    public static PlannedSearch? Of(SweepPlan plan, ResolvedPlan grid) => SearchStages.BeforeInSearch(plan) is null ? null : new PlannedSearch(plan, grid);
}
