using Sweep.Contracts.Plans;
using Sweep.Evaluation.Racing;
using Sweep.Execution.Summaries;

namespace Sweep.Execution.Planning.Search;

/// <summary>
/// Successive halving: each set races its own scalars on each benchmark. All sets run the same items in the same order, so that the rounds of a benchmark are as long for every one of
/// them; the identity, which costs nothing, is never dropped.
/// </summary>
internal sealed class RaceRule : IRoundRule
{
    public int Items(SweepPlan stage, int selectionItems)
    {
        var search = stage.Search!;
        var all = Math.Min(search.Items ?? selectionItems, selectionItems);
        return HalvingSchedule.Of(SearchStages.MostScalars(stage), all, search.Saving ?? SearchPlan.UsualSaving)[search.Round!.Value - 1].Items;
    }

    public IReadOnlyList<double> First(SweepPlan stage, IReadOnlyList<double> steered) => steered;

    public IReadOnlyList<double> Next(SweepPlan stage, IReadOnlyList<double> steered, SetStandings before)
    {
        var halvings = stage.Search!.Round!.Value - 1;
        var kept = (steered.Count + (1 << halvings) - 1) >> halvings;
        return [.. before.Steered.Take(kept).Select(standing => standing.Scalar!.Value).Order()];
    }
}
