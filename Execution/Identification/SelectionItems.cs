using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Execution.Benchmarks;
using Sweep.Execution.Files;
using Sweep.Execution.Residency;
using Sweep.Execution.Running;

namespace Sweep.Execution.Identification;

/// <summary>Items that an identification may see: those that a sweep of the same seed and shares has in its selection split, and no others.</summary>
internal sealed class SelectionItems(ModelFacts facts, string folder, string precision, long seed, int? contextLimit)
{
    private readonly List<PreparedItem> _prepared = [];
    private readonly List<IdentificationBenchmark> _used = [];
    private readonly List<(string Benchmark, IReadOnlyList<BenchmarkItem> Items)> _chosen = [];

    public IReadOnlyList<PreparedItem> Prepared => _prepared;

    /// <summary>The items of each benchmark, to be compared with calibration documents.</summary>
    public IReadOnlyList<(string Benchmark, IReadOnlyList<BenchmarkItem> Items)> ByBenchmark => _chosen;

    public IdentificationItems Used => new() { Seed = seed, ContextLimit = contextLimit, Benchmarks = _used };

    /// <summary>Takes the first items of a benchmark's selection split, at most as many as it says; what is wrong is written down.</summary>
    public void Add(BenchmarkPlan benchmark, SplitPlan shares, int? most, string place, PlanFiles files, BenchmarkCache cache, List<string> problems)
    {
        if (files.FindFile(benchmark.Data, out var problem) is not { } path)
        {
            problems.Add($"{place}.data: {problem}");
            return;
        }

        try
        {
            var (data, hash) = cache.Load(benchmark.Name, benchmark.Data, path, seed);
            if (!Serves(data))
            {
                problems.Add($"{place}: found a benchmark without gold answers, expected one whose golds have a log-likelihood");
                return;
            }

            var chosen = data.Choose(benchmark.Items, shares, seed).Where(item => data.SplitOf(item, shares, seed) == ItemSplit.Selection).Take(most ?? int.MaxValue).ToArray();
            if (chosen.Length == 0)
                problems.Add($"{place}: found no item of the selection split in '{benchmark.Data}'");
            var input = new JobInput { ModelFolder = folder, Facts = facts, Benchmark = data, Precision = precision };
            var pass = new SteeredPass { Items = [.. chosen.Select(item => item.Id)], Rows = [], Measures = new HashSet<Measure> { Measure.LogLikelihood }, ContextLimit = contextLimit };
            _prepared.AddRange(chosen.Select(item => input.Prepare(item.Id, pass)));
            _chosen.Add((benchmark.Label ?? benchmark.Name, chosen));
            _used.Add(new IdentificationBenchmark
            {
                Name = benchmark.Name,
                DataHash = hash,
                PromptVersion = data.PromptVersion,
                Split = shares,
                Ids = [.. chosen.Select(item => item.Id)],
                Groups = [.. chosen.Select(item => item.Group).Distinct(StringComparer.Ordinal)],
            });
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            problems.Add($"{place}: {failure.Message}");
        }
    }

    /// <summary>Its items have golds whose log-likelihood can be asked for.</summary>
    public static bool Serves(IBenchmarkData data) => data.HasGolds && !data.IsText;
}
