using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Dashboard.Figures;
using Sweep.Dashboard.Reading;
using Sweep.Persistence.Queries;

namespace Sweep.Dashboard.Live;

/// <summary>
/// Effects of the cells of a running sweep on the test items that both the cell and its baseline have so far. Jobs are counted, and only those that have grown are read: a job is
/// read as often as it is added to, a few times, and one that is whole never again. Only cells whose rows have come are computed again; the others stay the same objects.
/// </summary>
internal sealed class PartialScores
{
    /// <summary>Jobs whose rows come in one answer.</summary>
    private const int JobsAtOnce = 200;

    private readonly Measured[] _benchmarks;
    private readonly Dictionary<(JobId Job, int Benchmark), Scores> _scores = [];
    private readonly HashSet<JobId> _open;
    private readonly OpenCell[] _cells;

    public PartialScores(string sweepId, SweepPlan plan, ResolvedPlan resolved)
    {
        _benchmarks = [.. resolved.Benchmarks.Select(benchmark => new Measured(benchmark))];
        var cells = new List<OpenCell>();
        for (var model = 0; model < resolved.Models.Count; model++)
        {
            for (var benchmark = 0; benchmark < resolved.Benchmarks.Count; benchmark++)
            {
                var baseline = ScoresOf(PlanExpander.Cell(plan, resolved, model, benchmark, null, null), isBaseline: true);
                // Controls are many and not shown: their jobs' ids are not worked out.
                foreach (var (index, bottleneck) in resolved.Bottlenecks.Index().Where(pair => pair.Item.Model == model && pair.Item.Role == BottleneckRole.Bottleneck))
                {
                    foreach (var scalar in bottleneck.ScalarsOn(benchmark))
                    {
                        var steered = ScoresOf(PlanExpander.Cell(plan, resolved, model, benchmark, index, scalar), isBaseline: false);
                        cells.Add(new OpenCell(_benchmarks[benchmark], steered, baseline, Empty(sweepId, resolved, model, benchmark, bottleneck, scalar)));
                    }
                }
            }
        }

        _cells = [.. cells];
        _open = [.. _scores.Keys.Select(key => key.Job)];
    }

    /// <summary>True: something has changed.</summary>
    public async Task<bool> ReadAsync(ISweepQueries queries, CancellationToken cancellationToken)
    {
        if (_open.Count == 0)
            return false;
        var counts = await queries.CountRowsAsync(_open, cancellationToken);
        Scores[] grown = [.. _scores.Values.Where(scores => !scores.IsWhole && counts.GetValueOrDefault(scores.Job) > scores.Counted)];
        if (grown.Length == 0)
            return false;
        foreach (var benchmark in grown.GroupBy(scores => scores.Benchmark))
        {
            foreach (var some in benchmark.Chunk(JobsAtOnce))
                await ReadAsync(queries, benchmark.Key, some.ToDictionary(scores => scores.Job), counts, cancellationToken);
        }

        var isNew = grown.ToHashSet();
        foreach (var cell in _cells.Where(cell => isNew.Contains(cell.Steered) || isNew.Contains(cell.Baseline)))
            cell.Compute();
        // Of what can change no more the effect is enough.
        foreach (var scores in _cells.Where(cell => cell.Steered.IsWhole && cell.Baseline.IsWhole && !cell.Steered.IsBaseline).Select(cell => cell.Steered))
            scores.ByItem.Clear();
        _open.ExceptWith(_scores.Values.GroupBy(scores => scores.Job).Where(job => job.All(scores => scores.IsWhole)).Select(job => job.Key));
        return true;
    }

    /// <summary>Every cell of a bottleneck, in plan order.</summary>
    public IReadOnlyList<EffectCell> Cells() => [.. _cells.Select(cell => cell.Known)];

    private Scores ScoresOf(SweepCell cell, bool isBaseline)
    {
        var benchmark = _benchmarks[cell.Benchmark];
        // The job whose rows are the cell's score.
        var job = benchmark.Plan.MetricMeasure is { } measure ? cell.Jobs[measure] : cell.Jobs.OrderBy(pair => pair.Key).First().Value;
        if (!_scores.TryGetValue((job.Id, cell.Benchmark), out var scores))
            _scores[(job.Id, cell.Benchmark)] = scores = new Scores(job.Id, benchmark);
        scores.IsBaseline |= isBaseline;
        return scores;
    }

    private static async Task ReadAsync(ISweepQueries queries, Measured benchmark, Dictionary<JobId, Scores> jobs, IReadOnlyDictionary<JobId, int> counts, CancellationToken cancellationToken)
    {
        var query = new RowScoreQuery { Jobs = jobs.Keys, Metric = benchmark.Plan.MetricMeasure is null ? null : benchmark.Plan.PrimaryMetric, PerToken = benchmark.Unit == ScoreUnit.NatsAToken };
        var rows = await queries.ListScoresAsync(query, cancellationToken);
        foreach (var scores in jobs.Values)
            scores.Begin(counts[scores.Job]);
        foreach (var row in rows)
            jobs[row.Job].Add(row);
    }

    private EffectCell Empty(string sweepId, ResolvedPlan resolved, int model, int benchmark, ResolvedBottleneck bottleneck, double? scalar)
    {
        return new EffectCell
        {
            Model = resolved.Models[model].Name,
            Benchmark = resolved.Benchmarks[benchmark].Name,
            Bottleneck = bottleneck.Name,
            Scalar = scalar,
            Layer = bottleneck.Interventions.Count == 0 ? null : bottleneck.Interventions.Min(part => part.Layer),
            Unit = _benchmarks[benchmark].Unit,
            N = 0,
            Of = _benchmarks[benchmark].Test.Count,
            SweepId = sweepId,
        };
    }

    /// <summary>A benchmark and how it is scored.</summary>
    private sealed class Measured(ResolvedBenchmark plan)
    {
        public ResolvedBenchmark Plan => plan;

        public HashSet<string> Items { get; } = [.. plan.Items.Select(item => item.Id)];

        /// <summary>Test items in the benchmark's order, with what each counts where all tokens do not.</summary>
        public Dictionary<string, double> Test { get; } = plan.Items.Where(item => item.Split == ItemSplit.Test)
            .ToDictionary(item => item.Id, item => plan.MetricMeasure is not null && plan.PooledMetrics?.Contains(plan.PrimaryMetric) == true ? item.Verdicts ?? 1.0 : 1, StringComparer.Ordinal);

        public ScoreUnit Unit { get; } =
            plan.MetricMeasure is not null ? ScoreUnit.Share : plan.Measures.Contains(Measure.Perplexity) ? ScoreUnit.NatsAToken : ScoreUnit.NatsAnItem;
    }

    /// <summary>What a job has scored on a benchmark so far.</summary>
    private sealed class Scores(JobId job, Measured benchmark)
    {
        private int _rows;

        public JobId Job => job;

        public Measured Benchmark => benchmark;

        /// <summary>Others are compared with it.</summary>
        public bool IsBaseline { get; set; }

        /// <summary>Rows of the job, of this benchmark or not, when it was read.</summary>
        public int Counted { get; private set; }

        /// <summary>Of test items.</summary>
        public Dictionary<string, RowScore> ByItem { get; } = new(StringComparer.Ordinal);

        public bool IsWhole => _rows == benchmark.Items.Count;

        public void Begin(int counted)
        {
            (Counted, _rows) = (counted, 0);
            ByItem.Clear();
        }

        public void Add(RowScore row)
        {
            if (!benchmark.Items.Contains(row.ItemId))
                return;
            _rows++;
            if (benchmark.Test.ContainsKey(row.ItemId))
                ByItem[row.ItemId] = row;
        }
    }

    /// <summary>A cell with what is known of it.</summary>
    private sealed class OpenCell(Measured benchmark, Scores steered, Scores baseline, EffectCell empty)
    {
        public Scores Steered => steered;

        public Scores Baseline => baseline;

        public EffectCell Known { get; private set; } = empty;

        private EffectCell None { get; } = empty;

        public void Compute()
        {
            var differences = new List<(double Difference, double Weight)>();
            foreach (var (item, weight) in steered.ByItem.Count == 0 ? [] : benchmark.Test)
            {
                if (!steered.ByItem.TryGetValue(item, out var after))
                    continue;
                // Where rows have pairs, an item is compared with its own.
                if ((after.Pair ?? baseline.ByItem.GetValueOrDefault(item)?.Score) is { } before && after.Score is { } score)
                    differences.Add((score - before, benchmark.Unit == ScoreUnit.NatsAToken ? after.Tokens : weight));
            }

            var effect = PairedEffect.Of(differences);
            if ((Known.N, Known.Effect, Known.Low, Known.High) != (differences.Count, effect?.Mean, effect?.Low, effect?.High))
                Known = None with { Effect = effect?.Mean, Low = effect?.Low, High = effect?.High, N = differences.Count };
        }
    }
}
