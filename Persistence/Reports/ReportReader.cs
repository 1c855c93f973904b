using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Persistence.Reports;

/// <summary>Draws a report from a store: the summary for what is known of effects, the ledger for what the rows themselves say.</summary>
public static class ReportReader
{
    private const string Test = "test";

    /// <summary>Of each direction.</summary>
    private const int MostFlips = 5;

    /// <param name="store">Holds the sweep.</param>
    /// <param name="sweep">Whose plan is resolved.</param>
    /// <param name="resolved">Its resolution.</param>
    /// <param name="summary">Of the rows that are recorded.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<SweepReport> ReadAsync(ISweepStore store, SweepRecord sweep, ResolvedPlan resolved, SweepSummary summary, CancellationToken cancellationToken)
    {
        var cells = summary.Cells.ToLookup(cell => (cell.Model, cell.Benchmark));
        var rows = summary.Rows.ToLookup(row => (row.Model, row.Benchmark));
        var benchmarks = new List<BenchmarkReport>();
        for (var model = 0; model < resolved.Models.Count; model++)
        {
            foreach (var benchmark in resolved.Benchmarks)
            {
                var key = (resolved.Models[model].Name, benchmark.Name);
                if (cells[key].FirstOrDefault() is { } baseline)
                    benchmarks.Add(await BenchmarkAsync(store, resolved, model, benchmark, baseline, [.. cells[key]], [.. rows[key].Where(row => row.TestItems > 0)], cancellationToken));
            }
        }

        return new SweepReport { Sweep = sweep, Resolved = resolved, Summary = summary, Cost = await store.ReadCostAsync(sweep.Id, cancellationToken), Benchmarks = benchmarks };
    }

    private static async Task<BenchmarkReport> BenchmarkAsync(
        ISweepStore store, ResolvedPlan resolved, int model, ResolvedBenchmark benchmark, SummaryCell baseline, SummaryCell[] cells, SummaryRow[] rows, CancellationToken cancellationToken)
    {
        var items = benchmark.Items.Where(item => item.Split == ItemSplit.Test).Select(item => item.Id).ToArray();
        SummaryCell[] asked = [.. cells.Where(cell => cell.ControlIndex is null && cell != baseline)];
        var unsteered = await RowsAsync(store, baseline, benchmark, items, cancellationToken);
        var effects = new List<EffectReport>();
        foreach (var row in rows)
        {
            var cell = asked.Single(one => one.Bottleneck == row.Bottleneck && one.Scalar == row.Scalar);
            var steered = new Dictionary<string, ItemResult>(StringComparer.Ordinal);
            foreach (var (at, reported) in Reported(benchmark, row, items))
            {
                foreach (var (item, found) in await RowsAsync(store, asked.Single(one => one.Bottleneck == row.Bottleneck && one.Scalar == at), benchmark, reported, cancellationToken))
                    steered.Add(item, found);
            }

            var changed = Changed(benchmark, items, unsteered, steered);
            effects.Add(new EffectReport
            {
                Row = row,
                Cell = cell,
                IsBaseline = Reported(benchmark, row, items).All(part => asked.Single(one => one.Bottleneck == row.Bottleneck && one.Scalar == part.Scalar).Jobs.OrderBy(pair => pair.Key).SequenceEqual(baseline.Jobs.OrderBy(pair => pair.Key))),
                Responses = ResponseStatistics.Of(steered.Values),
                Worse = List(changed.Where(flip => flip.After < flip.Before)),
                Better = List(changed.Where(flip => flip.After > flip.Before)),
                Positions = row.Verdict == EffectVerdict.Better ? Positions(resolved, model, row, asked) : [],
            });
        }

        return new BenchmarkReport
        {
            Model = resolved.Models[model],
            Benchmark = benchmark,
            Baseline = baseline,
            Cells = asked,
            Chance = await ChanceAsync(store, baseline, benchmark, items, cancellationToken),
            Responses = ResponseStatistics.Of(unsteered.Values),
            Effects = effects,
            Bands = Bands(cells),
        };
    }

    /// <summary>The items that a row is of, by the scalar that they are reported at.</summary>
    private static IEnumerable<(double? Scalar, string[] Items)> Reported(ResolvedBenchmark benchmark, SummaryRow row, string[] items)
    {
        if (row.CrossFit is not { } folds)
            return [(row.Scalar, items)];
        return benchmark.Items.Where(item => item.Fold is not null).GroupBy(item => folds.Folds[item.Fold!.Value].Scalar, item => item.Id).Select(ofOne => (ofOne.Key, ofOne.ToArray()));
    }

    /// <summary>Rows of the measure that is scored, by item; none where nothing but log-likelihoods is measured.</summary>
    private static async Task<Dictionary<string, ItemResult>> RowsAsync(ISweepStore store, SummaryCell cell, ResolvedBenchmark benchmark, string[] items, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, ItemResult>(StringComparer.Ordinal);
        if (benchmark.MetricMeasure is { } measure && cell.Jobs.TryGetValue(measure, out var job))
        {
            await foreach (var row in store.ReadItemResultsAsync([job], items, cancellationToken))
                rows.Add(row.ItemId, row);
        }

        return rows;
    }

    /// <summary>Where rows have pairs, a steered score is compared with its pair's, as in the summary; the text beside it is the recorded baseline's.</summary>
    private static Flip[] Changed(ResolvedBenchmark benchmark, string[] items, Dictionary<string, ItemResult> unsteered, Dictionary<string, ItemResult> steered)
    {
        var changed = new List<Flip>();
        foreach (var item in items)
        {
            if (!unsteered.TryGetValue(item, out var before) || !steered.TryGetValue(item, out var after))
                continue;
            if ((after.Pair?.Metrics ?? before.Metrics).TryGetValue(benchmark.PrimaryMetric, out var from) && after.Metrics.TryGetValue(benchmark.PrimaryMetric, out var to) && from != to)
                changed.Add(new Flip(item, from, to, Text(before), Text(after)));
        }

        return [.. changed];

        static string? Text(ItemResult row) => row.Response is { } response ? VisibleText.Of(response) : null;
    }

    private static FlipList List(IEnumerable<Flip> flips)
    {
        var all = flips.ToArray();
        return new FlipList { Count = all.Length, Shown = [.. all.Take(MostFlips)] };
    }

    /// <summary>Of multiple choice: the mean of one over the number of choices.</summary>
    private static async Task<double?> ChanceAsync(ISweepStore store, SummaryCell baseline, ResolvedBenchmark benchmark, string[] items, CancellationToken cancellationToken)
    {
        if (benchmark.ScoredBy != Measure.LogLikelihood || !baseline.Jobs.TryGetValue(Measure.LogLikelihood, out var job))
            return null;
        var choices = new List<int>();
        await foreach (var row in store.ReadItemResultsAsync([job], items, cancellationToken))
            choices.Add(row.GoldLogLikelihoods?.Count ?? 1);
        return choices.Count > 0 && choices.All(count => count > 1) ? choices.Average(count => 1.0 / count) : null;
    }

    /// <summary>Random controls at a scalar, by bottleneck and scalar, of the cells of one benchmark of one model.</summary>
    public static IReadOnlyDictionary<(string Bottleneck, double? Scalar), ControlBand> Bands(IEnumerable<SummaryCell> cells) => cells
        .Where(cell => cell is { ControlIndex: not null, ControlKind: null or ControlKind.Random } && cell.Splits.GetValueOrDefault(Test) is { N: > 0, Diverged: 0 })
        .GroupBy(cell => (cell.Bottleneck, cell.Scalar))
        .ToDictionary(
            group => group.Key,
            group =>
            {
                double[] effects = [.. group.Select(cell => cell.Splits[Test].Effect).Order()];
                return new ControlBand
                {
                    Sets = effects.Length,
                    Lowest = effects[0],
                    Median = (effects[(effects.Length - 1) / 2] + effects[effects.Length / 2]) / 2,
                    Highest = effects[^1],
                };
            });

    /// <summary>Looks for bottlenecks that do the same to the same channels, in the prompt or in what is generated alone.</summary>
    private static List<PositionEffect> Positions(ResolvedPlan resolved, int model, SummaryRow row, SummaryCell[] asked)
    {
        var own = resolved.Bottlenecks.First(one => one.Model == model && one.Role == BottleneckRole.Bottleneck && one.Name == row.Bottleneck);
        if (own.Interventions.Any(one => one.Positions != "All"))
            return [];
        var effects = new List<PositionEffect>();
        foreach (var positions in (string[])["Prompt", "Generated"])
        {
            var part = resolved.Bottlenecks.FirstOrDefault(one => one.Model == model && one.Role == BottleneckRole.Bottleneck && IsSame(one, own, positions));
            var scores = part is null ? null : asked.FirstOrDefault(cell => cell.Bottleneck == part.Name && cell.Scalar == row.Scalar)?.Splits.GetValueOrDefault(Test);
            effects.Add(new PositionEffect { Positions = positions, Bottleneck = part?.Name, Scores = scores is { N: > 0 } ? scores : null });
        }

        return effects;
    }

    private static bool IsSame(ResolvedBottleneck one, ResolvedBottleneck whole, string positions) =>
        one.Interventions.Count == whole.Interventions.Count && one.Interventions.Zip(whole.Interventions).All(pair =>
            pair.First.Positions == positions && pair.First.Layer == pair.Second.Layer && pair.First.Site == pair.Second.Site && pair.First.Operation == pair.Second.Operation
            && pair.First.Channels.SequenceEqual(pair.Second.Channels) && (pair.First.Values ?? []).SequenceEqual(pair.Second.Values ?? []));
}
