using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Dashboard.Figures;
using Sweep.Persistence.Queries;

namespace Sweep.Dashboard.Reading;

/// <summary>The cells of a summary as figures show them.</summary>
internal static class SummaryCells
{
    public const string Test = "test";

    /// <summary>Without its cells, and their scores; null: the sweep is not summarised yet.</summary>
    public static async Task<(SweepSummary? Summary, IReadOnlyList<CellScore> Scores)> FindAsync(ISweepQueries queries, string sweepId, CancellationToken cancellationToken) =>
        await queries.FindOutlineAsync(sweepId, cancellationToken) is { } outline ? (outline, await queries.ListCellsAsync(sweepId, new CellQuery(), cancellationToken)) : (null, []);

    /// <summary>Of bottlenecks that the resolution has, in plan order.</summary>
    public static IReadOnlyList<EffectCell> Of(IReadOnlyList<CellScore> scores, SweepSummary summary, ResolvedPlan resolved)
    {
        var chosen = summary.Rows.Select(row => (row.Model, row.Benchmark, row.Bottleneck, row.Scalar)).ToHashSet();
        var layers = resolved.Bottlenecks.Where(one => one.Role == BottleneckRole.Bottleneck && one.Interventions.Count > 0)
            .GroupBy(one => (Model: resolved.Models[one.Model].Name, one.Name)).ToDictionary(group => group.Key, group => group.First().Interventions.Min(part => part.Layer));
        return [.. scores.Where(score => layers.ContainsKey((score.Model, score.Bottleneck))).Select(score => new EffectCell
        {
            Model = score.Model,
            Benchmark = score.Benchmark,
            Bottleneck = score.Bottleneck,
            Scalar = score.Scalar,
            Layer = layers[(score.Model, score.Bottleneck)],
            Unit = score.Unit,
            Effect = score.Effect,
            Low = score.EffectLow,
            High = score.EffectHigh,
            N = score.N,
            FamilyP = score.FamilyP,
            ControlRank = score.ControlRank,
            Controls = score.Controls,
            IsChosen = chosen.Contains((score.Model, score.Benchmark, score.Bottleneck, score.Scalar)),
            Diverged = score.Diverged,
            SweepId = summary.SweepId,
        })];
    }
}
