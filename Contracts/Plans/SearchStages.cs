using System.Numerics;

namespace Sweep.Contracts.Plans;

/// <summary>
/// A search is a chain of sweeps over one ledger: each waits for the one before it, which has a plan and an id of its own, both functions of its plan. The last one is the sweep
/// that was asked for. Before the first one stands that of the plan's recipes over items, where it has any (<see cref="ImpactStages"/>).
/// </summary>
public static class SearchStages
{
    /// <summary>The plan of the sweep that must be complete before this plan can be resolved; null: there is none.</summary>
    public static SweepPlan? Before(SweepPlan plan) => plan.Search switch
    {
        { Method: SearchPlan.Screening } search => plan with { Name = $"{plan.Name}.{SearchPlan.Screen}", Search = search with { Method = SearchPlan.Screen } },
        { Method: SearchPlan.Racing } => Round(plan, plan.Name, SearchPlan.Race, Rounds(plan)),
        { Method: SearchPlan.Curve } => Round(plan, plan.Name, SearchPlan.Fit, Rounds(plan)),
        { Round: > 1 and var round } search => Round(plan, plan.Name[..^Suffix(search.Method, round).Length], search.Method, round - 1),
        _ => ImpactStages.Of(plan),
    };

    /// <summary>The same, where that is a stage of the search itself.</summary>
    public static SweepPlan? BeforeInSearch(SweepPlan plan) => Before(plan) is { } stage && !ImpactStages.IsOne(stage) ? stage : null;

    /// <summary>All stages before this plan, the first one first.</summary>
    public static IReadOnlyList<SweepPlan> Chain(SweepPlan plan)
    {
        var chain = new List<SweepPlan>();
        for (var stage = Before(plan); stage is not null; stage = Before(stage))
            chain.Insert(0, stage);
        return chain;
    }

    /// <summary>True: the sweep was not asked for by itself, but is a stage of another one.</summary>
    public static bool IsStage(SweepPlan plan) => plan.Search is { Method: SearchPlan.Screen or SearchPlan.Race or SearchPlan.Fit or SearchPlan.Impact };

    /// <summary>What the user called the search that a plan asks for or is a stage of.</summary>
    public static string Method(SearchPlan search) => search.Method switch
    {
        SearchPlan.Screen => SearchPlan.Screening,
        SearchPlan.Race => SearchPlan.Racing,
        SearchPlan.Fit => SearchPlan.Curve,
        var method => method,
    };

    /// <summary>Rounds of a search, or of the one that the plan is a round of; of a race those after which one scalar is left, or two of an odd number.</summary>
    public static int Rounds(SweepPlan plan) => plan.Search is { Method: SearchPlan.Curve or SearchPlan.Fit } curve
        ? curve.Rounds ?? SearchPlan.UsualRounds
        : BitOperations.Log2((uint)MostScalars(plan)) + 1;

    /// <summary>The most scalars of any bottleneck, the identity not counted; at least 1.</summary>
    public static int MostScalars(SweepPlan plan) =>
        plan.Bottlenecks.Select(bottleneck => (bottleneck.Scalars ?? plan.Scalars).Distinct().Count(scalar => scalar != 1)).Append(1).Max();

    /// <summary>What a search that waits for this stage shows of it, for instance "racing, round 2 of 5, running".</summary>
    public static string Progress(SweepPlan stage, string state) =>
        $"{Method(stage.Search!)}, {(stage.Search!.Round is { } round ? $"round {round} of {Rounds(stage)}, " : "")}{state.ToLowerInvariant()}";

    /// <summary>The name of the plan that a stage of its search was made of.</summary>
    internal static string AskedName(SweepPlan plan) => plan.Search switch
    {
        { Method: SearchPlan.Screen } => plan.Name[..^(SearchPlan.Screen.Length + 1)],
        { Round: { } round } search => plan.Name[..^Suffix(search.Method, round).Length],
        _ => plan.Name,
    };

    private static SweepPlan Round(SweepPlan plan, string name, string word, int round) =>
        plan with { Name = name + Suffix(word, round), Search = plan.Search! with { Method = word, Round = round } };

    private static string Suffix(string word, int round) => $".{word}-{round}";
}
