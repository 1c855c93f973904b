using System.Globalization;
using System.Runtime.CompilerServices;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Messaging.Tests.Broker;

/// <summary>Work without tensors: a plan's name decides its weights, so that every sweep has jobs of its own. A test may hold the rows back.</summary>
internal sealed class StubWork : IJobRunnerFactory, IPlanResolver, ISweepSummarizer
{
    /// <summary>Jobs of every sweep: 3 bottlenecks at one scalar and the baseline, each on every item.</summary>
    public const int Jobs = 4;
    private const int Items = 6;

    /// <summary>(job, item) pairs of every sweep.</summary>
    public const int Rows = Jobs * Items;

    private volatile TaskCompletionSource _gate = Open();

    /// <summary>Null: rows come. Else they fault with this.</summary>
    public string? Fault { get; set; }

    /// <summary>Rows wait until the returned handle is disposed.</summary>
    public IDisposable Hold()
    {
        var gate = _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return new Held(gate);
    }

    public IJobRunner Create(string device) => new Runner(this);

    public Task<ResolvedPlan> ResolveAsync(SweepPlan plan, bool calibrate, CancellationToken cancellationToken) =>
        plan.Models.Contains("missing")
            ? throw new InvalidPlanException(["models[0]: found no folder 'missing'", "benchmarks[0].data: found no file"])
            : Task.FromResult(new ResolvedPlan
            {
                NumericsId = "cpu/1",
                Models = [Model(plan.Name)],
                Benchmarks = [Benchmark()],
                Bottlenecks = [.. Enumerable.Range(0, Jobs - 1).Select(Bottleneck)],
            });

    public Task<SweepSummary> SummarizeAsync(string sweepId, CancellationToken cancellationToken) =>
        Task.FromResult(new SweepSummary { SweepId = sweepId, Name = "stub", Rows = [], Cells = [] });

    private static TaskCompletionSource Open()
    {
        var gate = new TaskCompletionSource();
        gate.SetResult();
        return gate;
    }

    private static ResolvedModel Model(string weights) => new()
    {
        Name = "m",
        Path = "m",
        WeightsHash = weights,
        TokenizerHash = "t",
        ModelType = "mamba",
        Layers = 6,
        DModel = 64,
        DInner = 128,
        BlockMultiplyAdds = 64 * 128 * 3 + 4000,
        Parameters = 200_000,
    };

    private static ResolvedBenchmark Benchmark() => new()
    {
        Name = "b",
        Kind = "squad",
        Path = "data",
        DataHash = "data",
        PromptVersion = "1",
        MetricVersion = "1",
        PrimaryMetric = "em",
        Measures = [Measure.LogLikelihood],
        MaxNewTokens = 8,
        Items =
        [
            .. Enumerable.Range(0, Items).Select(index => new ResolvedItem
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"item-{index}"),
                Group = "g",
                Split = ItemSplit.Test,
                PromptTokens = [9],
                GoldTokens = [3],
            }),
        ],
    };

    private static ResolvedBottleneck Bottleneck(int layer) => new()
    {
        Model = 0,
        Name = $"n{layer}",
        Role = BottleneckRole.Bottleneck,
        Recipe = "explicit",
        Scalars = [0.5],
        Interventions = [new InterventionSpec { Layer = layer, Site = "MixerOutput", Operation = "Scale", Positions = "All", Channels = [1, 2] }],
    };

    private sealed class Held(TaskCompletionSource gate) : IDisposable
    {
        public void Dispose() => gate.TrySetResult();
    }

    private sealed class Runner(StubWork work) : IJobRunner
    {
        public string? ResidentModel { get; private set; }

        public async IAsyncEnumerable<MicroBatchResult> RunAsync(
            JobBatch batch, IReadOnlySet<(JobId Job, string Item)> recorded, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            ResidentModel = batch.Jobs[0].Identity.WeightsHash;
            for (var index = 0; index < batch.MicroBatches.Count; index++)
            {
                await work._gate.Task.WaitAsync(cancellationToken);
                if (work.Fault is { } fault)
                    throw new JobFaultedException(fault);
                var micro = batch.MicroBatches[index];
                ItemResult[] rows =
                [
                    .. from job in batch.Jobs.Skip(micro.FirstJob).Take(micro.JobCount)
                       from item in batch.ItemIds.Skip(micro.FirstItem).Take(micro.ItemCount)
                       where !recorded.Contains((job.Id, item))
                       select new ItemResult { JobId = job.Id, ItemId = item, PromptHash = "p", Receipt = new ReceiptRow { PositionsTouched = 1 } },
                ];
                if (rows.Length > 0)
                    yield return new MicroBatchResult { Index = index, Rows = rows, Tokens = rows.Length, DeviceSeconds = 0.01 };
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
