using Sweep.Contracts.Plans;
using Sweep.Execution.Summaries;

namespace Sweep.Execution.Planning.Search;

/// <summary>How a search goes on from round to round: on how many items, and which scalars of a set are in on a benchmark.</summary>
internal interface IRoundRule
{
    /// <summary>Items that a round is run on, those of the rounds before included.</summary>
    /// <param name="stage">The round's plan.</param>
    /// <param name="selectionItems">That the benchmark has.</param>
    int Items(SweepPlan stage, int selectionItems);

    /// <summary>Scalars of the first round.</summary>
    /// <param name="stage">Its plan.</param>
    /// <param name="steered">All that were declared, without the identity, ascending.</param>
    IReadOnlyList<double> First(SweepPlan stage, IReadOnlyList<double> steered);

    /// <summary>Scalars of a further round.</summary>
    /// <param name="stage">Its plan.</param>
    /// <param name="steered">All that were declared, without the identity, ascending.</param>
    /// <param name="before">The round before it: all scalars that were in, and the identity.</param>
    IReadOnlyList<double> Next(SweepPlan stage, IReadOnlyList<double> steered, SetStandings before);
}
