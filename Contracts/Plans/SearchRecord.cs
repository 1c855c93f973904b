namespace Sweep.Contracts.Plans;

/// <summary>What a search tried, and what it cost beside the full grid, in all its stages. Counted from the resolved plans: equal bottlenecks count twice.</summary>
public sealed record SearchRecord
{
    /// <summary>See <see cref="SearchPlan.Method"/>.</summary>
    public required string Method { get; init; }

    /// <summary>Id of the sweep that the choices were made in.</summary>
    public required string Stage { get; init; }

    /// <summary>Selection items a benchmark, at most.</summary>
    public required int Items { get; init; }

    /// <summary>Set × scalar × benchmark × model that were tried, controls among them; identities are not counted.</summary>
    public required long Configurations { get; init; }

    public required long ItemRuns { get; init; }

    /// <summary>See <see cref="PlanWork.BlockPasses"/>.</summary>
    public required long BlockPasses { get; init; }

    public required long GridItemRuns { get; init; }

    public required long GridBlockPasses { get; init; }

    /// <param name="plan">The search's.</param>
    /// <param name="stage">Its first stage.</param>
    /// <param name="screened">The first stage, resolved.</param>
    /// <param name="frozen">The last one.</param>
    /// <param name="grid">The same plan without its search.</param>
    public static SearchRecord Of(SweepPlan plan, SweepPlan stage, ResolvedPlan screened, ResolvedPlan frozen, ResolvedPlan grid)
    {
        var (first, last, whole) = (PlanWork.Of(screened), PlanWork.Of(frozen), PlanWork.Of(grid));
        return new SearchRecord
        {
            Method = plan.Search!.Method,
            Stage = SweepIds.Of(stage),
            Items = plan.Search.Items ?? SearchPlan.UsualItems,
            Configurations = first.Configurations,
            ItemRuns = first.ItemRuns + last.ItemRuns,
            BlockPasses = first.BlockPasses + last.BlockPasses,
            GridItemRuns = whole.ItemRuns,
            GridBlockPasses = whole.BlockPasses,
        };
    }
}
