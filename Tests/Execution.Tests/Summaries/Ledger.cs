using System.Runtime.CompilerServices;
using NSubstitute;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Execution.Summaries;

namespace Sweep.Execution.Tests.Summaries;

/// <summary>A finished sweep of one model whose rows are a function of (interventions, measure, item).</summary>
internal sealed class Ledger
{
    public SweepPlan Plan { get; set; } = new()
    {
        Name = "ledger",
        Models = ["m"],
        Benchmarks = [],
        Bottlenecks = [],
    };

    public List<ResolvedBenchmark> Benchmarks { get; } = [];

    public List<ResolvedBottleneck> Bottlenecks { get; } = [];

    /// <summary>Null: the row is missing.</summary>
    public required Func<JobIdentity, ResolvedItem, ItemResult?> Row { get; init; }

    public static ResolvedBottleneck Scale(string name, int layer, params double[] scalars) => new()
    {
        Model = 0,
        Name = name,
        Role = BottleneckRole.Bottleneck,
        Recipe = "explicit",
        Scalars = scalars,
        Interventions = [new InterventionSpec { Layer = layer, Site = "MixerOutput", Operation = "Scale", Positions = "All", Channels = [0, 1] }],
    };

    public static ResolvedBottleneck Control(string name, int index, int layer, params double[] scalars) =>
        Scale(name, layer, scalars) with { Role = BottleneckRole.Control, ControlIndex = index, Kind = ControlKind.Random, Recipe = "random 2" };

    /// <summary>Items s0, s1, ... of the selection split and t0, t1, ... of the test split, two a group.</summary>
    public static ResolvedBenchmark Benchmark(string kind, int selection, int test, params Measure[] measures) => new()
    {
        Name = kind,
        Kind = kind,
        Path = kind,
        DataHash = kind,
        PromptVersion = "1",
        MetricVersion = "1",
        PrimaryMetric = "em",
        Measures = measures,
        Items =
        [
            .. Enumerable.Range(0, selection).Select(item => Item($"s{item}", ItemSplit.Selection, item)),
            .. Enumerable.Range(0, test).Select(item => Item($"t{item}", ItemSplit.Test, item)),
        ],
    };

    /// <summary>The same with a group of its own for every item.</summary>
    public static ResolvedBenchmark Alone(ResolvedBenchmark benchmark) => benchmark with { Items = [.. benchmark.Items.Select(item => item with { Group = item.Id })] };

    public static ItemResult Result(JobIdentity identity, ResolvedItem item, double? metric = null, double? logLikelihood = null, bool diverged = false) => new()
    {
        JobId = JobId.Of(identity),
        ItemId = item.Id,
        PromptHash = "p",
        Metrics = metric is { } value ? new Dictionary<string, double> { ["em"] = value } : [],
        LogLikelihood = logLikelihood,
        LogLikelihoodTokens = logLikelihood is null ? null : 10,
        Flags = diverged ? ItemFlags.Diverged : ItemFlags.None,
        Receipt = identity.Interventions.Count == 0
            ? new ReceiptRow { PositionsTouched = 0 }
            : new ReceiptRow
            {
                PositionsTouched = 7,
                OnTargetMinimum = Math.Abs(identity.Interventions[0].Scalar ?? 0),
                OnTargetMaximum = Math.Abs(identity.Interventions[0].Scalar ?? 0),
                OffTargetDeviation = 0,
                RelativeChange = 0.25,
                NextTokenKl = 0.5,
            },
    };

    public Task<SweepSummary> SummarizeAsync() => new SweepSummarizer(Store()).SummarizeAsync("id", TestContext.Current.CancellationToken);

    /// <summary>A store that holds the sweep as "id".</summary>
    public ISweepStore Store()
    {
        var resolved = new ResolvedPlan
        {
            Models =
            [
                new ResolvedModel
                {
                    Name = "m", Path = "m", WeightsHash = "w", TokenizerHash = "t", ModelType = "mamba",
                    Layers = 12, DModel = 8, DInner = 16, BlockMultiplyAdds = 1, Parameters = 1,
                },
            ],
            Benchmarks = Benchmarks,
            Bottlenecks = Bottlenecks,
            NumericsId = "cpu/1",
        };
        var jobs = PlanExpander.Jobs(Plan, resolved).Select(job => job.Job).DistinctBy(job => job.Id).ToDictionary(job => job.Id);
        var items = Benchmarks.SelectMany(benchmark => benchmark.Items.Select(item => (benchmark.DataHash, item))).ToArray();
        var store = Substitute.For<ISweepStore>();
        store.FindSweepAsync("id", Arg.Any<CancellationToken>()).Returns(new SweepRecord
        {
            Id = "id",
            Plan = Plan,
            PlanText = "",
            State = SweepState.Running,
            SubmittedAt = DateTimeOffset.UnixEpoch,
        });
        store.LoadResolutionAsync("id", Arg.Any<CancellationToken>()).Returns(resolved);
        store.ReadItemResultsAsync(default!, default!, default).ReturnsForAnyArgs(call => Read(call.ArgAt<IReadOnlyCollection<JobId>>(0), call.ArgAt<IReadOnlyCollection<string>>(1)));
        return store;

        async IAsyncEnumerable<ItemResult> Read(
            IReadOnlyCollection<JobId> ids, IReadOnlyCollection<string> names, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask;
            foreach (var job in ids.Order().Select(id => jobs[id]))
            {
                foreach (var (data, item) in items.Where(pair => names.Contains(pair.item.Id)).OrderBy(pair => pair.item.Id, StringComparer.Ordinal))
                {
                    if (data == job.Identity.DataHash && Row(job.Identity, item) is { } row)
                        yield return row;
                }
            }
        }
    }

    private static ResolvedItem Item(string id, ItemSplit split, int number) =>
        new() { Id = id, Group = $"{split}{number / 2}", Split = split, PromptTokens = [5], GoldTokens = [2] };
}
