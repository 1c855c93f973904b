using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Dashboard.Figures;

namespace Sweep.Dashboard.Reading;

/// <summary>The cells of a summary as figures show them.</summary>
internal static class SummaryCells
{
    public const string Test = "test";

    /// <summary>Of bottlenecks, without controls and baselines, in plan order.</summary>
    public static IReadOnlyList<EffectCell> Of(SweepSummary summary, ResolvedPlan resolved)
    {
        var chosen = summary.Rows.Select(row => (row.Model, row.Benchmark, row.Bottleneck, row.Scalar)).ToHashSet();
        var layers = resolved.Bottlenecks.Where(one => one.Role == BottleneckRole.Bottleneck && one.Interventions.Count > 0)
            .GroupBy(one => (Model: resolved.Models[one.Model].Name, one.Name)).ToDictionary(group => group.Key, group => group.First().Interventions.Min(part => part.Layer));
        return [.. summary.Cells.Where(cell => cell.ControlIndex is null && layers.ContainsKey((cell.Model, cell.Bottleneck))).Select(cell =>
        {
            var scores = cell.Splits.GetValueOrDefault(Test) is { N: > 0 } found ? found : null;
            return new EffectCell
            {
                Model = cell.Model,
                Benchmark = cell.Benchmark,
                Bottleneck = cell.Bottleneck,
                Scalar = cell.Scalar,
                Layer = layers[(cell.Model, cell.Bottleneck)],
                Unit = cell.Unit,
                Effect = scores?.Effect,
                Low = scores?.EffectLow,
                High = scores?.EffectHigh,
                N = scores?.N ?? 0,
                FamilyP = cell.FamilyP,
                ControlRank = cell.ControlRank,
                Controls = cell.Controls,
                IsChosen = chosen.Contains((cell.Model, cell.Benchmark, cell.Bottleneck, cell.Scalar)),
                Diverged = scores?.Diverged ?? 0,
            };
        })];
    }
}
