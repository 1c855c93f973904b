namespace Sweep.Contracts.Plans;

/// <summary>
/// A plan with recipes over items begins with a sweep of its own in which every channel that they rank is changed alone, on the items that identification may see. Its plan and id are functions
/// of the plan, the same for every stage of a search.
/// </summary>
public static class ImpactStages
{
    /// <summary>True: the sweep measures impacts for another one.</summary>
    public static bool IsOne(SweepPlan plan) => plan.Search is { Method: SearchPlan.Impact };

    /// <summary>True: the plan has recipes over items.</summary>
    public static bool AreNeeded(SweepPlan plan) => plan.Bottlenecks
        .SelectMany(bottleneck => bottleneck.Parts?.Select(part => part.Channels) ?? [bottleneck.Channels])
        .Any(channels => channels.Top is not null && PlanWords.ItemScores.Contains(channels.By));

    /// <summary>The plan of the sweep that measures a plan's impacts; null: it has no recipes over items, or is that sweep.</summary>
    public static SweepPlan? Of(SweepPlan plan) => IsOne(plan) || !AreNeeded(plan) ? null : plan with
    {
        Name = $"{SearchStages.AskedName(plan)}.{SearchPlan.Impact}",
        Search = new SearchPlan { Method = SearchPlan.Impact },
        // Claims, and a limit of jobs, are of what the plan asks for.
        Hypotheses = null,
        Budget = plan.Budget with { Jobs = null },
    };
}
