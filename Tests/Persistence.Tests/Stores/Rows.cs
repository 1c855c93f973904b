using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Persistence.Tests.Stores;

/// <summary>A small sweep: one model, one benchmark of three items, a bottleneck at two scalars.</summary>
internal static class Rows
{
    public const string SweepId = "small-0123456789";

    public static SweepPlan Plan { get; } = new()
    {
        Name = "small",
        Models = ["m"],
        Benchmarks = [new BenchmarkPlan { Name = "squad", Data = "squad.json" }],
        Bottlenecks = [new BottleneckPlan { Name = "b", Layer = 1, Channels = new ChannelsPlan { Explicit = [1, 2] } }],
        Scalars = [0.5, 1],
    };

    public static ResolvedPlan Resolved { get; } = new()
    {
        NumericsId = "cpu/1",
        Models =
        [
            new ResolvedModel
            {
                Name = "m", Path = "m", WeightsHash = "w", TokenizerHash = "t", ModelType = "mamba", Layers = 2, DModel = 8, DInner = 16, BlockMultiplyAdds = 1, Parameters = 1,
            },
        ],
        Benchmarks =
        [
            new ResolvedBenchmark
            {
                Name = "squad", Kind = "squad", Path = "squad.json", DataHash = "d", PromptVersion = "1", MetricVersion = "1", PrimaryMetric = "em", Measures = [Measure.LogLikelihood],
                Items = [.. Enumerable.Range(0, 3).Select(i => new ResolvedItem { Id = $"item-{i}", Group = $"g{i}", Split = ItemSplit.Test, PromptTokens = [4], GoldTokens = [1] })],
            },
        ],
        Bottlenecks =
        [
            new ResolvedBottleneck
            {
                Model = 0, Name = "b", Role = BottleneckRole.Bottleneck, Recipe = "explicit", Scalars = [0.5, 1],
                Interventions = [new InterventionSpec { Layer = 1, Site = "MixerOutput", Operation = "Scale", Positions = "All", Channels = [1, 2] }],
            },
        ],
    };

    public static JobSpec[] Jobs { get; } = JobsOf(Resolved);

    public static SweepJob[] SweepJobs { get; } = SweepJobsOf(Jobs);

    public static JobBatch Batch { get; } = new()
    {
        Id = $"{SweepId}/000000",
        SweepId = SweepId,
        Jobs = Jobs,
        ItemIds = [.. Resolved.Benchmarks[0].Items.Select(item => item.Id)],
        MicroBatches = [new MicroBatch { FirstItem = 0, ItemCount = 3, FirstJob = 0, JobCount = 2 }],
    };

    public static ItemResult Result(int job, int item) => new()
    {
        JobId = Jobs[job].Id,
        ItemId = $"item-{item}",
        PromptHash = "0123456789abcdef",
        Response = [0, 255, (byte)item],
        Metrics = new Dictionary<string, double> { ["f1"] = 0.25, ["em"] = item },
        LogLikelihood = -1.5 - item,
        LogLikelihoodTokens = 2,
        Receipt = new ReceiptRow { PositionsTouched = 4 * job, NextTokenKl = 0.125 },
    };

    /// <summary>Jobs that differ in their data.</summary>
    public static SweepJob[] ManyJobs(int count) =>
    [
        .. Enumerable.Range(0, count).Select(index =>
        {
            var identity = Jobs[0].Identity with { DataHash = $"data-{index}" };
            return new SweepJob { Ordinal = index, Job = Jobs[0] with { Id = JobId.Of(identity), Identity = identity }, Benchmark = 0 };
        }),
    ];

    public static MicroBatchResult Micro(params ItemResult[] rows) => new() { Index = 0, Rows = rows, Tokens = 10 * rows.Length, DeviceSeconds = 0.5 };

    /// <summary>Submits, resolves and batches the sweep.</summary>
    public static Task PrepareAsync(ISweepStore store, CancellationToken cancellationToken) => PrepareAsync(store, Resolved, cancellationToken);

    /// <summary>The same with another resolution, whose jobs it gives.</summary>
    public static async Task<JobSpec[]> PrepareAsync(ISweepStore store, ResolvedPlan resolved, CancellationToken cancellationToken)
    {
        var jobs = JobsOf(resolved);
        await store.SubmitAsync(SweepId, Plan, "name: small", cancellationToken);
        await store.SaveResolutionAsync(SweepId, resolved, cancellationToken);
        await store.AddJobsAsync(SweepId, SweepJobsOf(jobs), cancellationToken);
        await store.AddBatchesAsync([Batch with { Jobs = jobs }], cancellationToken);
        return jobs;
    }

    private static JobSpec[] JobsOf(ResolvedPlan resolved) => [.. PlanExpander.Jobs(Plan, resolved).Select(pair => pair.Job)];

    private static SweepJob[] SweepJobsOf(JobSpec[] jobs) => [.. jobs.Select((job, ordinal) => new SweepJob { Ordinal = ordinal, Job = job, Benchmark = 0 })];
}
