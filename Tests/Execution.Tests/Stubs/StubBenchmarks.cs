using System.Text;
using Sweep.Contracts.Plans;
using Sweep.Evaluation.Benchmarks;
using Sweep.Execution.Benchmarks;

namespace Sweep.Execution.Tests.Stubs;

/// <summary>Files of lines "id|group|context|question|gold;gold". Odd groups are test.</summary>
internal sealed class StubBenchmarks : IBenchmarkReader
{
    public int Reads { get; private set; }

    public IBenchmarkData Read(string kind, string path)
    {
        Reads++;
        return new StubData(kind, [.. File.ReadAllLines(path).Select(Item)]);
    }

    public OpenTask ReadTask(string path, Func<string, string> find, long seed) => throw new NotSupportedException("stub files are no tasks");

    private static BenchmarkItem Item(string line)
    {
        var parts = line.Split('|');
        return new BenchmarkItem
        {
            Id = parts[0],
            Group = parts[1],
            Prefix = "C:",
            Context = parts[2],
            Suffix = $"\nQ:{parts[3]}\nA:",
            Documents = [parts[2]],
            Continuations = [.. parts[4].Split(';', StringSplitOptions.RemoveEmptyEntries).Select(gold => $" {gold}\n")],
        };
    }

    private sealed class StubData(string kind, IReadOnlyList<BenchmarkItem> items) : IBenchmarkData
    {
        public string PromptVersion => "1";

        public string MetricVersion => "1";

        public string PrimaryMetric => "em";

        public int MaxNewTokens => 8;

        public bool IsText => kind == "text";

        public bool ScoresLikelihoods => kind == "choice";

        public bool HasGoldPerplexity => false;

        public bool HasGolds => kind != "ifeval";

        public IReadOnlyList<string> Stops => ["\n"];

        public IReadOnlyList<string> MetricNames => ["em", "f1"];

        public IReadOnlyList<string> PooledMetrics => [];

        public IReadOnlyList<BenchmarkItem> Choose(int? limit, SplitPlan split, long seed) => [.. items.Take(limit ?? items.Count)];

        public ItemSplit SplitOf(BenchmarkItem item, SplitPlan split, long seed) =>
            int.Parse(item.Group) % 2 == 1 ? ItemSplit.Test : ItemSplit.Selection;

        public BenchmarkItem? Find(string id) => items.FirstOrDefault(item => item.Id == id);

        public ResponseScore Score(BenchmarkItem item, IReadOnlyList<ContinuationScore> continuations) =>
            new(new Dictionary<string, double> { ["f1"] = 0, ["em"] = continuations.MaxBy(one => one.LogLikelihood) == continuations[0] ? 1 : 0 }, false);

        public ResponseScore Score(BenchmarkItem item, byte[] response)
        {
            var text = Encoding.UTF8.GetString(response).Trim();
            var right = item.Continuations.Any(gold => gold.Trim() == text);
            return new ResponseScore(new Dictionary<string, double> { ["f1"] = right ? 1 : 0, ["em"] = right ? 1 : 0 }, false);
        }
    }
}
