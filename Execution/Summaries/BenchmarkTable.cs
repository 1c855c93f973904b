using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Execution.Summaries;

/// <summary>Every job's scores on one benchmark of one model.</summary>
internal sealed class BenchmarkTable
{
    /// <summary>Jobs of one question to the store.</summary>
    private const int JobsAtOnce = 200;

    private readonly Dictionary<JobId, JobScores> _jobs;
    private readonly Func<string, bool>? _isSwapped;

    private BenchmarkTable(ResolvedBenchmark benchmark, Dictionary<JobId, JobScores> jobs, Func<string, bool>? isSwapped = null)
    {
        Benchmark = benchmark;
        _jobs = jobs;
        _isSwapped = isSwapped;
        IsBinary = jobs.Values.SelectMany(scores => scores.Present).All(row => row.Metric(benchmark.PrimaryMetric) is null or 0 or 1 && row.MetricBeside(row, benchmark.PrimaryMetric) is null or 0 or 1)
            && Enumerable.Range(0, benchmark.Items.Count).All(item => Weight(benchmark.PrimaryMetric, item) == 1);
    }

    public ResolvedBenchmark Benchmark { get; }

    public ScoreUnit Unit => Benchmark.Measures.Contains(Measure.Perplexity) ? ScoreUnit.NatsAToken
        : Benchmark.MetricMeasure is not null ? ScoreUnit.Share
        : ScoreUnit.NatsAnItem;

    /// <summary>What is scored, in words.</summary>
    public string Metric => Unit switch
    {
        ScoreUnit.Share => Benchmark.PrimaryMetric,
        ScoreUnit.NatsAToken => "perplexity",
        _ => "log_likelihood",
    };

    /// <summary>Every item of every cell has one verdict, and scored 0 or 1.</summary>
    public bool IsBinary { get; }

    public static async Task<BenchmarkTable> ReadAsync(
        ISweepStore store, ResolvedBenchmark benchmark, IReadOnlyCollection<JobId> jobs, CancellationToken cancellationToken)
    {
        var positions = benchmark.Items.Index().ToDictionary(pair => pair.Item.Id, pair => pair.Index, StringComparer.Ordinal);
        var scores = jobs.ToDictionary(job => job, _ => new JobScores(positions.Count));
        foreach (var chunk in jobs.Chunk(JobsAtOnce))
        {
            await foreach (var row in store.ReadItemResultsAsync(chunk, positions.Keys, cancellationToken))
                scores[row.JobId][positions[row.ItemId]] = ItemScore.Of(row);
        }

        return new BenchmarkTable(benchmark, scores);
    }

    /// <summary>The same scores with "steered" and "baseline" exchanged in some groups, for all cells alike: without an effect, as likely as the recorded ones.</summary>
    public BenchmarkTable Swapped(Func<string, bool> isSwapped) => new(Benchmark, _jobs, isSwapped);

    /// <summary>The same scores with the items in other parts.</summary>
    public BenchmarkTable Of(ResolvedBenchmark benchmark) => new(benchmark, _jobs, _isSwapped);

    /// <summary>Whether the labels of a group's items are exchanged.</summary>
    public bool IsSwapped(string group) => _isSwapped?.Invoke(group) == true;

    /// <summary>What an item counts in the mean of a metric.</summary>
    public double Weight(string metric, int item) => Benchmark.PooledMetrics?.Contains(metric) == true ? Benchmark.Items[item].Verdicts ?? 1 : 1;

    /// <summary>Scores of a cell's job of this measure; null where the plan does not measure it.</summary>
    public JobScores? Of(SweepCell cell, Measure measure) =>
        cell.Jobs.TryGetValue(measure, out var job) ? _jobs[job.Id] : null;

    /// <summary>Indices of a split's items, in item order.</summary>
    public IEnumerable<int> Items(ItemSplit split) =>
        Benchmark.Items.Index().Where(pair => pair.Item.Split == split).Select(pair => pair.Index);
}
