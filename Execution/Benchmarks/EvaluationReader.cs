using System.Text;
using Sweep.Contracts.Plans;
using Sweep.Evaluation.Benchmarks;
using Sweep.Evaluation.Tasks;

namespace Sweep.Execution.Benchmarks;

/// <summary>Benchmark files through Sweep.Evaluation.</summary>
internal sealed class EvaluationReader : IBenchmarkReader
{
    public IBenchmarkData Read(string kind, string path)
    {
        var benchmark = BenchmarkCatalog.Find(kind);
        return new Data(benchmark, benchmark.Read(path));
    }

    public OpenTask ReadTask(string path, Func<string, string> find, long seed)
    {
        var task = TaskDefinition.Read(path);
        var benchmark = new TaskBenchmark(task, task.FewShotFile is { } examples ? find(examples) : null, seed);
        var data = find(task.DataFile);
        return new OpenTask(data, benchmark.Template.Version, () => new Data(benchmark, benchmark.Read(data)));
    }

    private sealed class Data(Benchmark benchmark, IReadOnlyList<EvaluationItem> items) : IBenchmarkData
    {
        private readonly Dictionary<string, EvaluationItem> _byId = items.ToDictionary(item => item.Id, StringComparer.Ordinal);

        public string PromptVersion => benchmark.Template.Version;

        public string MetricVersion => benchmark.MetricVersion;

        public string PrimaryMetric => benchmark.PrimaryMetric;

        public int MaxNewTokens => benchmark.MaxNewTokens;

        public bool IsText => benchmark.IsText;

        public bool ScoresLikelihoods => benchmark.ScoresLikelihoods;

        public bool HasGoldPerplexity => benchmark.HasGoldPerplexity;

        public bool HasGolds => benchmark.HasGolds;

        public IReadOnlyList<string> Stops => benchmark.Stops;

        public IReadOnlyList<string> MetricNames => benchmark.MetricNames;

        public IReadOnlyList<string> PooledMetrics => benchmark.PooledMetrics;

        public IReadOnlyList<BenchmarkItem> Choose(int? limit, SplitPlan split, long seed) =>
            [.. (split.Folds is null ? ItemOrder.Choose(items, limit, seed, split.Selection, split.Validation) : ItemOrder.Choose(items, limit, seed)).Select(Of)];

        /// <summary>A file of one item, as a corpus is, has nothing to select on: it is reported, as all items of folds are.</summary>
        public ItemSplit SplitOf(BenchmarkItem item, SplitPlan split, long seed) => items.Count == 1 || split.Folds is not null ? ItemSplit.Test : ItemOrder.Part(item.Group, seed, split.Selection, split.Validation) switch
        {
            0 => ItemSplit.Selection,
            1 => ItemSplit.Validation,
            _ => ItemSplit.Test,
        };

        public BenchmarkItem? Find(string id) => _byId.TryGetValue(id, out var item) ? Of(item) : null;

        public ResponseScore Score(BenchmarkItem item, byte[] response)
        {
            var score = benchmark.Score(_byId[item.Id], Encoding.UTF8.GetString(response));
            return new ResponseScore(score.Metrics, score.EmptyNormalized);
        }

        public ResponseScore Score(BenchmarkItem item, IReadOnlyList<ContinuationScore> continuations)
        {
            var score = benchmark.Score(_byId[item.Id], continuations);
            return new ResponseScore(score.Metrics, score.EmptyNormalized);
        }

        private static BenchmarkItem Of(EvaluationItem item) => new()
        {
            Id = item.Id,
            Group = item.Group,
            Prefix = item.Prefix,
            Context = item.Context,
            Suffix = item.Suffix,
            Continuations = item.Continuations,
            Gold = item.Gold,
            Verdicts = item.Verdicts,
            Documents = item.Documents,
        };
    }
}
