using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Live;
using Sweep.Persistence.Queries;

namespace Sweep.Dashboard.Reading;

/// <summary>Where in a sweep one looks: a bottleneck at a scalar on a benchmark of a model.</summary>
internal sealed record CellPlace(string Model, string Benchmark, string Bottleneck, double? Scalar);

/// <summary>A cell with the scores of its items and those of its baseline.</summary>
internal sealed record CellRows
{
    public required CellPlace Place { get; init; }

    public required ResolvedModel Model { get; init; }

    public required ResolvedBenchmark Benchmark { get; init; }

    public required ResolvedBottleneck Bottleneck { get; init; }

    /// <summary>The cell's jobs by measure.</summary>
    public required IReadOnlyDictionary<Measure, JobSpec> Jobs { get; init; }

    /// <summary>The job whose rows are scored.</summary>
    public required JobSpec Scored { get; init; }

    public required JobSpec Baseline { get; init; }

    /// <summary>Items that both have a row of, in the order of the benchmark.</summary>
    public required IReadOnlyList<ItemPair> Pairs { get; init; }

    /// <summary>Of the summary; null: there is none yet.</summary>
    public SummaryCell? Summary { get; init; }

    /// <summary>Scores are shares; else nats.</summary>
    public ScoreUnit Unit => Benchmark.MetricMeasure is not null ? ScoreUnit.Share : Benchmark.Measures.Contains(Measure.Perplexity) ? ScoreUnit.NatsAToken : ScoreUnit.NatsAnItem;
}

/// <summary>An item without and with steering.</summary>
internal sealed record ItemPair(ResolvedItem Item, double? BeforeScore, double? AfterScore)
{
    /// <summary>Null: one of the two has no score.</summary>
    public double? Effect => AfterScore - BeforeScore;

    public bool IsWorse => Effect < 0;

    public bool IsBetter => Effect > 0;
}

/// <summary>The rows of an item, whole.</summary>
internal sealed record ItemRows(ItemResult Before, ItemResult After);

/// <summary>Reads cells of a sweep from its ledger.</summary>
internal sealed class CellReader(ISweepStore store, SweepSnapshots snapshots)
{
    /// <summary>Null: the sweep has no such cell, or its plan is not resolved yet.</summary>
    public async Task<CellRows?> FindAsync(string sweepId, CellPlace place, CancellationToken cancellationToken)
    {
        if (await snapshots.FindPlanAsync(sweepId, cancellationToken) is not var (sweep, resolved))
            return null;
        var model = IndexOf(resolved.Models, one => one.Name == place.Model);
        var benchmark = IndexOf(resolved.Benchmarks, one => one.Name == place.Benchmark);
        var bottleneck = IndexOf(resolved.Bottlenecks, one => one.Model == model && one.Role == BottleneckRole.Bottleneck && one.Name == place.Bottleneck);
        if (model < 0 || benchmark < 0 || bottleneck < 0 || !(resolved.Bottlenecks[bottleneck].Scalars.Count == 0 ? place.Scalar is null : place.Scalar is { } scalar && resolved.Bottlenecks[bottleneck].Scalars.Contains(scalar)))
            return null;
        var cell = PlanExpander.Cell(sweep.Plan, resolved, model, benchmark, bottleneck, place.Scalar);
        var unsteered = PlanExpander.Cell(sweep.Plan, resolved, model, benchmark, null, null);
        var measured = resolved.Benchmarks[benchmark];
        var measure = measured.MetricMeasure ?? cell.Jobs.Keys.Order().First();
        var scores = await store.Queries().ListItemPairsAsync(new ItemPairQuery
        {
            Before = unsteered.Jobs[measure].Id,
            After = cell.Jobs[measure].Id,
            Metric = measured.MetricMeasure is null ? null : measured.PrimaryMetric,
            PerToken = measured.Measures.Contains(Measure.Perplexity),
        }, cancellationToken);
        var byItem = scores.Items.ToDictionary(item => item.ItemId, StringComparer.Ordinal);
        return new CellRows
        {
            Place = place,
            Model = resolved.Models[model],
            Benchmark = measured,
            Bottleneck = resolved.Bottlenecks[bottleneck],
            Jobs = cell.Jobs,
            Scored = cell.Jobs[measure],
            Baseline = unsteered.Jobs[measure],
            Pairs = [.. measured.Items.Where(item => byItem.ContainsKey(item.Id)).Select(item => new ItemPair(item, byItem[item.Id].Before, byItem[item.Id].After))],
            Summary = sweep.State.IsFinal() ? await store.Queries().FindCellAsync(sweepId, place.Model, place.Benchmark, place.Bottleneck, place.Scalar, cancellationToken) : null,
        };
    }

    /// <summary>Rows of some of the cell's items, by item.</summary>
    public async Task<IReadOnlyDictionary<string, ItemRows>> ReadAsync(CellRows cell, IReadOnlyCollection<string> items, CancellationToken cancellationToken)
    {
        var before = await RowsAsync(cell.Baseline.Id, items, cancellationToken);
        var after = cell.Scored.Id == cell.Baseline.Id ? before : await RowsAsync(cell.Scored.Id, items, cancellationToken);
        return items.Where(item => before.ContainsKey(item) && after.ContainsKey(item)).ToDictionary(item => item, item => new ItemRows(before[item], after[item]), StringComparer.Ordinal);
    }

    private async Task<Dictionary<string, ItemResult>> RowsAsync(JobId job, IReadOnlyCollection<string> items, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, ItemResult>(StringComparer.Ordinal);
        await foreach (var row in store.ReadItemResultsAsync([job], items, cancellationToken))
            rows[row.ItemId] = row;
        return rows;
    }

    private static int IndexOf<T>(IReadOnlyList<T> list, Func<T, bool> isMeant)
    {
        for (var index = 0; index < list.Count; index++)
        {
            if (isMeant(list[index]))
                return index;
        }

        return -1;
    }
}
