using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Execution.Planning.Search;
using Sweep.Execution.Summaries;
using Sweep.Execution.Tests.Stubs;

namespace Sweep.Execution.Tests.Planning.Search;

/// <summary>A search over stub files of 80 items, half of them selection, whose stages are resolved and completed in turn.</summary>
internal sealed class SearchChain : IDisposable
{
    private readonly Workbench _bench = new();

    public SearchChain(SweepPlan plan)
    {
        Plan = plan;
        _bench.Write("qa.txt", [.. Enumerable.Range(0, 80).Select(item => $"q{item}|{item / 2}|{new string((char)('a' + (item % 26)), 20 + item)}|which {item}?|gold{item};other{item}")]);
    }

    /// <summary>A benchmark with golds and one without; a bottleneck of eleven scalars, an ablation, one with scalars of its own.</summary>
    public static SweepPlan Usual(SearchPlan search) => Workbench.Plan with
    {
        Benchmarks = [new BenchmarkPlan { Name = "text", Data = "text.txt" }, new BenchmarkPlan { Name = "qa", Data = "qa.txt" }, new BenchmarkPlan { Name = "ifeval", Data = "qa.txt", Items = 60 }],
        Bottlenecks =
        [
            .. Workbench.Plan.Bottlenecks,
            new BottleneckPlan { Name = "gone", Layer = 3, Operation = "zero_ablate", Channels = new ChannelsPlan { Explicit = [2, 3] } },
            new BottleneckPlan { Name = "few", Layer = 1, Channels = new ChannelsPlan { Explicit = [4] }, Scalars = [0.5, 2, 3] },
        ],
        Scalars = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.5, 2, 3, 5, 10],
        Controls = new ControlsPlan { Random = 3 },
        Search = search,
    };

    public SweepPlan Plan { get; }

    public SearchLedger Ledger { get; } = new();

    public ResolvedPlan Grid { get; private set; } = null!;

    /// <summary>Resolved, in their order.</summary>
    public List<(SweepPlan Plan, ResolvedPlan Resolved)> Stages { get; } = [];

    public void Dispose() => _bench.Dispose();

    /// <summary>Every stage, then the last one.</summary>
    public async Task<ResolvedPlan> CompleteAsync()
    {
        Grid = await _bench.ResolveAsync(Plan with { Search = null });
        Ledger.Know(Plan, Grid);
        foreach (var stage in SearchStages.Chain(Plan))
        {
            var resolved = await ResolveAsync(stage);
            Ledger.Complete(stage, resolved);
            Stages.Add((stage, resolved));
        }

        return await ResolveAsync(Plan);
    }

    public Task<ResolvedPlan> ResolveAsync(SweepPlan plan) => new SearchResolver(_bench.Resolver, Ledger.Store).ResolveAsync(plan, calibrate: true, TestContext.Current.CancellationToken);

    public Task<SweepSummary> SummarizeAsync(SweepPlan plan, ResolvedPlan resolved) => SweepAnswer.OfAsync(
        "id", plan, resolved, (benchmark, jobs) => BenchmarkTable.ReadAsync(Ledger.Store, resolved.Benchmarks[benchmark], jobs, TestContext.Current.CancellationToken));

    /// <summary>What scalars are chosen by, over the first items of a stage's benchmark, read row by row.</summary>
    public async Task<double> MeanAsync(ResolvedPlan resolved, int benchmark, int bottleneck, double scalar, int items)
    {
        var cell = PlanExpander.Cell(Plan, resolved, 0, benchmark, bottleneck, scalar);
        var measured = resolved.Benchmarks[benchmark];
        var measure = measured.Measures.Contains(Measure.LogLikelihood) ? Measure.LogLikelihood : Measure.Generation;
        var sum = 0.0;
        string[] ids = [.. measured.Items.Take(items).Select(item => item.Id)];
        var rows = new Dictionary<string, double>();
        await foreach (var row in Ledger.Store.ReadItemResultsAsync([cell.Jobs[measure].Id], ids, TestContext.Current.CancellationToken))
            rows[row.ItemId] = measure == Measure.Generation ? row.Metrics["em"] : row.LogLikelihood!.Value;
        foreach (var id in ids)
            sum += rows[id];
        return sum / ids.Length;
    }

    /// <summary>Distinct (job, item) pairs of all stages, which is what the ledger has rows for.</summary>
    public static long Rows(IEnumerable<(SweepPlan Plan, ResolvedPlan Resolved)> stages) =>
        stages.SelectMany(stage => PlanExpander.Jobs(stage.Plan, stage.Resolved).SelectMany(job => stage.Resolved.Benchmarks[job.Benchmark].Items, (job, item) => (job.Job.Id, item.Id))).Distinct().LongCount();
}
