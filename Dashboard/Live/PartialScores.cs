using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Figures;
using Sweep.Dashboard.Reading;

namespace Sweep.Dashboard.Live;

/// <summary>
/// Effects of the cells of a running sweep on the test items that both the cell and its baseline have so far. Jobs are counted, and only those that have grown are read: a job is
/// read as often as it is added to, a few times, and one that is whole never again.
/// </summary>
internal sealed class PartialScores(SweepPlan plan, ResolvedPlan resolved)
{
    private readonly Dictionary<(JobId Job, int Benchmark), Scores> _scores = [];
    private readonly CellJob[] _cells = [.. PlanExpander.Cells(plan, resolved)
        .Where(cell => cell.Bottleneck is null || resolved.Bottlenecks[cell.Bottleneck.Value].Role == BottleneckRole.Bottleneck)
        .Select(cell => new CellJob(cell, MeasureOf(resolved.Benchmarks[cell.Benchmark], cell)))];

    /// <summary>True: something has changed.</summary>
    public async Task<bool> ReadAsync(ISweepStore store, CancellationToken cancellationToken)
    {
        var changed = false;
        foreach (var group in _cells.GroupBy(cell => cell.Cell.Benchmark))
        {
            var benchmark = resolved.Benchmarks[group.Key];
            string[] items = [.. benchmark.Items.Select(item => item.Id)];
            JobId[] open = [.. group.Select(cell => cell.Job.Id).Distinct().Where(job => !_scores.TryGetValue((job, group.Key), out var known) || known.Rows < items.Length)];
            if (open.Length == 0)
                continue;
            foreach (var (job, rows) in await store.CountRecordedAsync(open, items, cancellationToken))
            {
                if (rows == 0 || (_scores.TryGetValue((job, group.Key), out var known) && known.Rows == rows))
                    continue;
                _scores[(job, group.Key)] = await ScoresAsync(store, job, benchmark, rows, cancellationToken);
                changed = true;
            }
        }

        return changed;
    }

    /// <summary>Every cell of a bottleneck, in plan order.</summary>
    public IReadOnlyList<EffectCell> Cells()
    {
        var baselines = _cells.Where(cell => cell.Cell.Bottleneck is null).ToDictionary(cell => (cell.Cell.Model, cell.Cell.Benchmark));
        return [.. _cells.Where(cell => cell.Cell.Bottleneck is not null).Select(cell => Of(cell, baselines[(cell.Cell.Model, cell.Cell.Benchmark)]))];
    }

    private EffectCell Of(CellJob cell, CellJob baseline)
    {
        var benchmark = resolved.Benchmarks[cell.Cell.Benchmark];
        var bottleneck = resolved.Bottlenecks[cell.Cell.Bottleneck!.Value];
        ResolvedItem[] items = [.. benchmark.Items.Where(item => item.Split == ItemSplit.Test)];
        var steered = _scores.GetValueOrDefault((cell.Job.Id, cell.Cell.Benchmark));
        var unsteered = _scores.GetValueOrDefault((baseline.Job.Id, cell.Cell.Benchmark));
        var differences = new List<(double Difference, double Weight)>();
        foreach (var item in steered is null ? [] : items)
        {
            if (!steered!.ByItem.TryGetValue(item.Id, out var after))
                continue;
            // Where rows have pairs, an item is compared with its own.
            if ((after.Pair ?? unsteered?.ByItem.GetValueOrDefault(item.Id)?.Score) is { } before && after.Score is { } score)
                differences.Add((score - before, Weight(benchmark, item, after)));
        }

        var effect = PairedEffect.Of(differences);
        return new EffectCell
        {
            Model = resolved.Models[cell.Cell.Model].Name,
            Benchmark = benchmark.Name,
            Bottleneck = bottleneck.Name,
            Scalar = cell.Cell.Scalar,
            Layer = bottleneck.Interventions.Count == 0 ? null : bottleneck.Interventions.Min(part => part.Layer),
            Unit = UnitOf(benchmark),
            Effect = effect?.Mean,
            Low = effect?.Low,
            High = effect?.High,
            N = differences.Count,
            Of = items.Length,
        };
    }

    private static async Task<Scores> ScoresAsync(ISweepStore store, JobId job, ResolvedBenchmark benchmark, int rows, CancellationToken cancellationToken)
    {
        var byItem = new Dictionary<string, ItemScore>(StringComparer.Ordinal);
        string[] items = [.. benchmark.Items.Where(item => item.Split == ItemSplit.Test).Select(item => item.Id)];
        await foreach (var row in store.ReadItemResultsAsync([job], items, cancellationToken))
            byItem[row.ItemId] = ItemScore.Of(row, benchmark);
        return new Scores(rows, byItem);
    }

    /// <summary>The job whose rows are the cell's score.</summary>
    private static JobSpec MeasureOf(ResolvedBenchmark benchmark, SweepCell cell) => benchmark.MetricMeasure is { } measure ? cell.Jobs[measure] : cell.Jobs.OrderBy(pair => pair.Key).First().Value;

    private static ScoreUnit UnitOf(ResolvedBenchmark benchmark) =>
        benchmark.MetricMeasure is not null ? ScoreUnit.Share : benchmark.Measures.Contains(Measure.Perplexity) ? ScoreUnit.NatsAToken : ScoreUnit.NatsAnItem;

    private static double Weight(ResolvedBenchmark benchmark, ResolvedItem item, ItemScore score) => UnitOf(benchmark) switch
    {
        ScoreUnit.NatsAToken => score.Tokens,
        ScoreUnit.Share when benchmark.PooledMetrics?.Contains(benchmark.PrimaryMetric) == true => item.Verdicts ?? 1,
        _ => 1,
    };

    private sealed record CellJob(SweepCell Cell, JobSpec Job);

    private sealed record Scores(int Rows, Dictionary<string, ItemScore> ByItem);
}
