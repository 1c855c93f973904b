using Sweep.Contracts.Results;
using Sweep.Evaluation.Statistics;

namespace Sweep.Execution.Summaries;

/// <summary>What rows and cells say once they are counted: corrected p-values, verdicts, effects over benchmarks.</summary>
internal static class SweepFamily
{
    /// <summary>All rows with test items are one family: each bottleneck of each model on each benchmark, at the scalar that was chosen elsewhere.</summary>
    public static IReadOnlyList<SummaryRow> Rows(IReadOnlyList<OpenRow> rows, long seed, out int nullSweeps)
    {
        var tested = rows.Index().Where(pair => pair.Item.Member is not null).ToArray();
        var family = Corrected([.. tested.Select(pair => pair.Item)], seed);
        double[] alone = [.. tested.Select(pair => pair.Item.Row.P ?? 1)];
        var (holm, fdr) = (AdjustedP.Holm(alone), AdjustedP.BenjaminiHochberg(alone));
        var corrected = Corrected(rows, out nullSweeps);
        var result = rows.Select((open, index) => open.Row with
        {
            ControlCorrectedP = corrected.TryGetValue(index, out var p) ? p : null,
            RankOnly = open.Row.Controls > 0 && !corrected.ContainsKey(index),
        }).ToArray();
        foreach (var (number, (index, open)) in tested.Index())
        {
            result[index] = result[index] with
            {
                FamilyP = family[number],
                HolmP = holm[number],
                FdrP = fdr[number],
                Verdict = open.IsBaseline ? null : EffectTests.Verdict(open.Row.Effect, family[number], open.Row.EquivalentP ?? 1),
            };
        }

        return result;
    }

    /// <summary>All cells of bottlenecks are one family.</summary>
    public static IReadOnlyList<SummaryCell> Cells(IReadOnlyList<OpenCell> cells, long seed)
    {
        var tested = cells.Index().Where(pair => pair.Item.Member is not null).ToArray();
        var family = MaxStatistic.Test([.. tested.Select(pair => pair.Item.Member!)], seed);
        var result = cells.Select(open => open.Cell).ToArray();
        foreach (var (number, (index, _)) in tested.Index())
            result[index] = result[index] with { FamilyP = family[number].P };
        return result;
    }

    /// <summary>Scores in shares only: nats of one benchmark are not those of another.</summary>
    public static IReadOnlyList<OverallEffect> Overall(IReadOnlyList<OpenRow> rows)
    {
        var overall = new List<OverallEffect>();
        foreach (var ofOne in rows.Where(open => open.Row is { Unit: ScoreUnit.Share, TestItems: > 0 } && double.IsFinite(open.Error)).GroupBy(open => (open.Row.Model, open.Row.Bottleneck)))
        {
            if (ofOne.Count() < 2 || RandomEffects.Of([.. ofOne.Select(open => open.Row.Effect)], [.. ofOne.Select(open => open.Error * open.Error)]) is not { } found)
                continue;
            overall.Add(new OverallEffect
            {
                Model = ofOne.Key.Model,
                Bottleneck = ofOne.Key.Bottleneck,
                Benchmarks = ofOne.Count(),
                Effect = found.Mean,
                EffectLow = found.Low,
                EffectHigh = found.High,
                P = found.P,
                Tau = Math.Sqrt(found.TauSquared),
                HeterogeneityP = found.HeterogeneityP,
            });
        }

        return overall;
    }

    /// <summary>By the max-statistic; where scalars are cross-fitted, they are chosen anew in every draw.</summary>
    private static IReadOnlyList<double> Corrected(IReadOnlyList<OpenRow> tested, long seed) => tested.Any(open => open.FoldedMember is not null)
        ? new CrossFittedFamily([.. tested.Select(open => open.FoldedMember ?? CrossFittedMember.Of(open.Member!))], seed).Together([.. Enumerable.Range(0, tested.Count)])
        : [.. MaxStatistic.Test([.. tested.Select(open => open.Member!)], seed).Select(found => found.P)];

    /// <summary>
    /// Rows with at least as many controls as a p of 0.05 takes are one family; its null sweeps are the control numbers that all of them have. Rows with fewer claim nothing,
    /// and are no part of it.
    /// </summary>
    private static Dictionary<int, double> Corrected(IReadOnlyList<OpenRow> rows, out int nullSweeps)
    {
        var claiming = rows.Index().Where(pair => pair.Item.Member is not null && pair.Item.ControlEffects.Count >= NullSweeps.Fewest()).ToArray();
        var common = claiming.Length == 0
            ? []
            : claiming.Select(pair => pair.Item.ControlEffects.Keys).Aggregate((IEnumerable<int>)claiming[0].Item.ControlEffects.Keys, (all, keys) => all.Intersect(keys)).Order().ToArray();
        nullSweeps = common.Length >= NullSweeps.Fewest() ? common.Length : 0;
        if (nullSweeps == 0)
            return [];
        var p = NullSweeps.CorrectedP([.. claiming.Select(pair => new ControlledEffect(pair.Item.RankedEffect, [.. common.Select(number => pair.Item.ControlEffects[number])]))]);
        return claiming.Index().ToDictionary(pair => pair.Item.Index, pair => p[pair.Index]);
    }
}
