namespace Sweep.Contracts.Plans;

/// <summary>What a search tried, and what it cost beside the full grid, in all its stages. Counted from the resolved plans: equal bottlenecks count twice.</summary>
public sealed record SearchRecord
{
    /// <summary>See <see cref="SearchPlan.Method"/>.</summary>
    public required string Method { get; init; }

    /// <summary>Id of the sweep that the choices were made in, the last one before the test split.</summary>
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

    /// <summary>Of a search in rounds: each of them. Null: it has one stage before the last.</summary>
    public IReadOnlyList<SearchRound>? Rounds { get; init; }

    /// <summary>Before any stage.</summary>
    /// <param name="plan">Of the search or a stage of it.</param>
    /// <param name="grid">The plan without its search.</param>
    public static SearchRecord Begin(SweepPlan plan, ResolvedPlan grid)
    {
        var whole = PlanWork.Of(grid);
        return new SearchRecord
        {
            Method = SearchStages.Method(plan.Search!),
            Stage = "",
            Items = 0,
            Configurations = 0,
            ItemRuns = 0,
            BlockPasses = 0,
            GridItemRuns = whole.ItemRuns,
            GridBlockPasses = whole.BlockPasses,
        };
    }

    /// <summary>With a further stage on the selection split.</summary>
    /// <param name="before">The stage before it, whose rows it does not run again; null: it is the first.</param>
    public SearchRecord With(SweepPlan stage, ResolvedPlan resolved, ResolvedPlan? before)
    {
        var work = PlanWork.Of(resolved, before);
        var (id, items) = (SweepIds.Of(stage), resolved.Benchmarks.Max(benchmark => benchmark.Items.Count));
        var round = new SearchRound { Stage = id, Items = items, Configurations = PlanWork.Of(resolved).Configurations, ItemRuns = work.ItemRuns };
        return Adding(work) with
        {
            Stage = id,
            Items = stage.Search!.Items ?? items,
            Configurations = Configurations + work.Configurations,
            Rounds = stage.Search.Round is null ? null : [.. Rounds ?? [], round],
        };
    }

    /// <summary>With the last stage, which tries nothing that was not tried before.</summary>
    public SearchRecord Ending(ResolvedPlan frozen) => Adding(PlanWork.Of(frozen));

    private SearchRecord Adding(PlanWork work) => this with { ItemRuns = ItemRuns + work.ItemRuns, BlockPasses = BlockPasses + work.BlockPasses };
}
