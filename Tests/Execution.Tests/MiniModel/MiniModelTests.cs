using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Evaluation;
using Sweep.Execution.Devices;
using Sweep.Execution.Residency;
using Sweep.Execution.Running;
using Sweep.Execution.Tests.Stubs;
using Sweep.Models.Tests.Cuda;
using static TorchSharp.torch;

namespace Sweep.Execution.Tests.MiniModel;

public sealed class MiniModelTests : IDisposable
{
    private readonly MiniWorkbench _bench = new();

    [Fact]
    public async Task RunAsync_MiniModel_KnowsTriviaQaByHeart()
    {
        var accuracy = await AccuracyAsync("models/mamba-mini");
        Assert.Equal(1.0, accuracy[1]);
    }

    [Fact]
    public async Task RunAsync_PlantedModel_ForgetsAndTheScalarBringsItBack()
    {
        var accuracy = await AccuracyAsync("models/mamba-mini-planted");
        Assert.InRange(accuracy[1], 0, 0.4);
        Assert.InRange(accuracy[0.05], 0.99, 1);
    }

    [Fact]
    public async Task RunAsync_PlantedModel_HasTheBestGoldLogLikelihoodAtTheScalar()
    {
        var plan = MiniWorkbench.Plan with
        {
            Models = ["models/mamba-mini-planted"],
            Benchmarks = [MiniWorkbench.Plan.Benchmarks[0] with { Items = 40 }],
            Scalars = [0.05, 0.5, 2],
            Decoding = new DecodingPlan { Generate = false },
        };
        var resolved = await _bench.ResolveAsync(plan);
        var batch = Workbench.Batch(plan, resolved);
        var jobs = batch.Jobs.ToDictionary(job => job.Id);
        var means = (await _bench.RunAsync(batch)).GroupBy(row => jobs[row.JobId].Identity.Interventions is [{ Scalar: { } scalar }] ? scalar : 1)
            .ToDictionary(group => group.Key, group => group.Average(row => row.LogLikelihood!.Value));
        Assert.Equal(0.05, means.MaxBy(pair => pair.Value).Key);
        Assert.InRange(means[0.05], -0.2, 0);
        Assert.True(means[1] < -1);
    }

    [Fact]
    public async Task RunAsync_AllBenchmarks_GiveEveryRowWithAFittingReceipt()
    {
        var plan = MiniWorkbench.Plan with
        {
            Benchmarks = Benchmarks(3),
            ContextLimit = 200,
            Scalars = [2],
            Decoding = new DecodingPlan { MaxNewTokens = 8 },
        };
        var resolved = await _bench.ResolveAsync(plan);
        for (var benchmark = 0; benchmark < resolved.Benchmarks.Count; benchmark++)
        {
            var batch = Workbench.Batch(plan, resolved, benchmark);
            var jobs = batch.Jobs.ToDictionary(job => job.Id);
            var rows = await _bench.RunAsync(batch);
            Assert.Equal(batch.Jobs.Count * 3, rows.Count);
            foreach (var row in rows)
            {
                var identity = jobs[row.JobId].Identity;
                Assert.Equal(identity.Measure == Measure.Generation, row.Response is not null);
                Assert.Equal(identity.Measure != Measure.Generation, row.LogLikelihood is < 0);
                if (identity.Interventions.Count == 0)
                {
                    Assert.Equal(0, row.Receipt.PositionsTouched);
                    continue;
                }

                var item = resolved.Benchmarks[benchmark].Items.Single(item => item.Id == row.ItemId);
                Assert.InRange(row.Receipt.PositionsTouched, item.PromptTokens[0], item.PromptTokens[0] + 400);
                Assert.InRange(row.Receipt.OnTargetMinimum!.Value, 2 - 2e-5, 2 + 2e-5);
                Assert.Equal(0, row.Receipt.OffTargetDeviation);
                Assert.True(row.Receipt.NextTokenKl > 0);
            }
        }
    }

    [Fact]
    public async Task RunAsync_AnyShapeWorkersOrThreads_GiveTheSameRows()
    {
        var plan = MiniWorkbench.Plan with
        {
            Benchmarks = [new BenchmarkPlan { Name = "squad", Data = "benchmarks/mini/squad.json", Items = 4 }],
            Scalars = [3],
            Controls = new ControlsPlan { Random = 1 },
            Decoding = new DecodingPlan { MaxNewTokens = 4 },
        };
        var resolved = await _bench.ResolveAsync(plan);
        if (!TestDevice.IsCuda)
            TestDevice.RequireOwnLibTorch();
        var whole = await _bench.RunAsync(Workbench.Batch(plan, resolved));
        var cut = Workbench.Batch(plan, resolved, items: 1, jobs: 4);
        AssertSame(whole, await _bench.RunAsync(cut));
        var shares = await Task.WhenAll(Enumerable.Range(0, 3).Select(worker => _bench.RunAsync(
            cut with { MicroBatches = [.. cut.MicroBatches.Where((_, index) => index % 3 == worker)] }, TestDevice.IsCuda ? null : $"cpu:{worker}")));
        AssertSame(whole, [.. shares.SelectMany(rows => rows)]);
        foreach (var threads in new[] { 1, 2, 4 })
        {
            using var other = new MiniWorkbench(threads);
            AssertSame(whole, await other.RunAsync(cut));
        }
    }

    /// <summary>What a killed worker leaves behind is any part of the rows: whole measures, whole items, single rows.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    public async Task RunAsync_AfterAnyPartWasRecorded_GivesTheSameRows(int every)
    {
        var plan = MiniWorkbench.Plan with
        {
            Benchmarks = [MiniWorkbench.Plan.Benchmarks[0] with { Items = 5 }, new BenchmarkPlan { Name = "ruler", Data = "benchmarks/mini/ruler.jsonl", Items = 3 }],
            Bottlenecks =
            [
                .. MiniWorkbench.Plan.Bottlenecks,
                new BottleneckPlan { Name = "gate", Layer = 5, Site = "Gate", Positions = "prompt", Channels = new ChannelsPlan { Explicit = [3, 77, 300] } },
                new BottleneckPlan { Name = "delta", Layer = 10, Site = "Delta", Positions = "generated", Channels = new ChannelsPlan { Explicit = [9, 200] } },
            ],
            Scalars = [0.05, 4],
            Decoding = new DecodingPlan { MaxNewTokens = 6 },
        };
        var resolved = await _bench.ResolveAsync(plan);
        for (var benchmark = 0; benchmark < 2; benchmark++)
        {
            var batch = Workbench.Batch(plan, resolved, benchmark, items: 2, jobs: 5);
            var whole = await _bench.RunAsync(batch);
            var recorded = whole.Index().Where(pair => pair.Index % every == 0 || pair.Index < 10).Select(pair => (pair.Item.JobId, pair.Item.ItemId)).ToHashSet();
            var rest = await _bench.RunAsync(batch, recorded: recorded);
            AssertSame([.. whole.Where(row => !recorded.Contains((row.JobId, row.ItemId)))], rest);
        }
    }

    [Fact]
    public async Task RunAsync_RowsThatOverflow_AreRecordedAsDivergedAndChangeNoOther()
    {
        BottleneckPartPlan Part(int layer, string positions) => new() { Layer = layer, Site = "ResidualPost", Positions = positions, Channels = new ChannelsPlan { Explicit = MiniWorkbench.Planted } };
        var calm = MiniWorkbench.Plan with
        {
            Benchmarks = [MiniWorkbench.Plan.Benchmarks[0] with { Items = 4 }],
            Bottlenecks =
            [
                new BottleneckPlan { Name = "everywhere", Parts = [Part(8, "all"), Part(9, "all")] },
                new BottleneckPlan { Name = "later", Parts = [Part(8, "generated"), Part(9, "generated")] },
            ],
            Scalars = [2],
            Decoding = new DecodingPlan { MaxNewTokens = 4 },
        };
        var plan = calm with { Scalars = [2, 1e38] };
        var batch = Workbench.Batch(plan, await _bench.ResolveAsync(plan));
        var jobs = batch.Jobs.ToDictionary(job => job.Id);
        var rows = await _bench.RunAsync(batch);
        bool Overflows(ItemResult row) => jobs[row.JobId].Identity.Interventions.Any(intervention => intervention.Scalar == 1e38);

        Assert.Equal(2 * 2 * 4, rows.Count(Overflows));
        foreach (var row in rows.Where(Overflows))
        {
            var later = jobs[row.JobId].Identity.Interventions[0].Positions == "Generated";
            Assert.True(row.Flags.HasFlag(ItemFlags.Diverged));
            Assert.InRange(row.DivergedLayer!.Value, 8, 9);
            Assert.Equal(later ? 1 : 0, row.DivergedStep);
            Assert.Null(row.LogLikelihood);
            Assert.Null(row.Response);
            Assert.All(row.Metrics.Values, value => Assert.Equal(0, value));
        }

        if (!TestDevice.IsCuda)
            TestDevice.RequireOwnLibTorch();
        AssertSame(await _bench.RunAsync(Workbench.Batch(calm, await _bench.ResolveAsync(calm))), [.. rows.Where(row => !Overflows(row))]);
    }

    [Fact]
    public async Task RunAsync_BatchAndModelDone_LeaveNoTensorBehind()
    {
        var plan = MiniWorkbench.Plan with { Benchmarks = [MiniWorkbench.Plan.Benchmarks[0] with { Items = 3 }], Decoding = new DecodingPlan { MaxNewTokens = 4 } };
        var batch = Workbench.Batch(plan, await _bench.ResolveAsync(plan), items: 1);
        await _bench.RunAsync(batch);
        var before = Tensor.TotalCount;
        await using (var runner = _bench.Get<IJobRunnerFactory>().Create(TestDevice.Name))
        {
            long? loaded = null;
            await foreach (var _ in runner.RunAsync(batch, new HashSet<(JobId, string)>(), TestContext.Current.CancellationToken))
            {
                loaded ??= Tensor.TotalCount;
                Assert.Equal(loaded, Tensor.TotalCount);
            }

            Assert.True(loaded > before, "the model's weights are live while the runner has it");
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory]
    [InlineData("bf16")]
    [InlineData("fp16")]
    public async Task RunAsync_LowerPrecision_StillKnowsTheAnswersAndSteersExactly(string precision)
    {
        var plan = MiniWorkbench.Plan with
        {
            Precision = precision,
            Benchmarks = [MiniWorkbench.Plan.Benchmarks[0] with { Items = 3 }],
            Scalars = [2],
            Decoding = new DecodingPlan { MaxNewTokens = 8 },
        };
        var resolved = await _bench.ResolveAsync(plan);
        var batch = Workbench.Batch(plan, resolved);
        var rows = await _bench.RunAsync(batch);
        Assert.Equal(12, rows.Count);
        var baseline = batch.Jobs.Single(job => job.Identity is { Interventions.Count: 0, Measure: Measure.Generation }).Id;
        Assert.All(rows.Where(row => row.JobId == baseline), row => Assert.Equal(1, row.Metrics["em"]));
        Assert.All(rows.Where(row => row.Receipt.PositionsTouched > 0), row => Assert.Equal(2, row.Receipt.OnTargetMaximum));
        if (!TestDevice.IsCuda)
            TestDevice.RequireOwnLibTorch();
        AssertSame(rows, await _bench.RunAsync(Workbench.Batch(plan, resolved, items: 1, jobs: 2)), tolerance: 5e-2);
    }

    [Fact]
    public async Task ResolveAsync_TopByVarianceOfThePlantedModel_FindsThePlantedChannels()
    {
        var plan = MiniWorkbench.Plan with
        {
            Models = ["models/mamba-mini-planted"],
            Benchmarks = Benchmarks(4),
            Calibration = new CalibrationPlan { Data = "benchmarks/mini/text.jsonl", Half = "calibration", Documents = 20 },
            Bottlenecks = [new BottleneckPlan { Name = "v", Layer = 8, Channels = new ChannelsPlan { Top = 16, By = "variance" } }],
        };
        var first = await _bench.ResolveAsync(plan);
        Assert.Equal(MiniWorkbench.Planted, first.Bottlenecks[0].Interventions[0].Channels);
        Assert.Single(_bench.Calibrations.Entries);
        Assert.Equal(JsonSerializer.Serialize(first, SweepJson.Options), JsonSerializer.Serialize(await _bench.ResolveAsync(plan), SweepJson.Options));
    }

    [Fact]
    public async Task ResolveAsync_SplitOfABenchmark_IsItsOwn()
    {
        var triviaqa = MiniWorkbench.Plan.Benchmarks[0] with { Items = 20 };
        var plan = MiniWorkbench.Plan with
        {
            Benchmarks = [triviaqa, triviaqa with { Label = "own", Split = new SplitPlan { Selection = 0.2, Validation = 0.3 } }],
            Split = new SplitPlan { Selection = 0.5 },
        };
        var resolved = await _bench.ResolveAsync(plan);
        int[] Sizes(int benchmark) => [.. Enum.GetValues<ItemSplit>().Select(split => resolved.Benchmarks[benchmark].Items.Count(item => item.Split == split))];
        Assert.Equal([10, 0, 10], Sizes(0));
        Assert.Equal([4, 6, 10], Sizes(1));
    }

    [Fact]
    public async Task ResolveAsync_Folds_ReportEveryItemOnceAndTearNoGroup()
    {
        var plan = MiniWorkbench.Plan with
        {
            Benchmarks = [new BenchmarkPlan { Name = "squad", Data = "benchmarks/mini/squad.json" }, new BenchmarkPlan { Name = "text", Data = "benchmarks/mini/text.jsonl", Items = 6 }],
            Split = new SplitPlan { Folds = 5 },
        };
        var resolved = await _bench.ResolveAsync(plan);
        var items = resolved.Benchmarks[0].Items;
        Assert.All(resolved.Benchmarks.SelectMany(benchmark => benchmark.Items), item => Assert.Equal(ItemSplit.Test, item.Split));
        Assert.All(resolved.Benchmarks[1].Items, item => Assert.Null(item.Fold));
        Assert.Equal([0, 1, 2, 3, 4], items.Select(item => item.Fold!.Value).Distinct().Order());
        Assert.All(items.GroupBy(item => item.Group), group => Assert.Single(group.Select(item => item.Fold).Distinct()));
        var sizes = items.DistinctBy(item => item.Group).GroupBy(item => item.Fold).Select(fold => fold.Count()).ToArray();
        Assert.InRange(sizes.Max() - sizes.Min(), 0, 1);
    }

    [Fact]
    public async Task ResolveAsync_CalibrationOnThePerplexityHalf_IsRefused()
    {
        var plan = MiniWorkbench.Plan with
        {
            Benchmarks = [new BenchmarkPlan { Name = "text", Data = "benchmarks/mini/text.jsonl", Items = 150 }],
            Calibration = new CalibrationPlan { Data = "benchmarks/mini/text.jsonl", Half = "perplexity", Documents = 5 },
            Bottlenecks = [new BottleneckPlan { Name = "v", Layer = 8, Channels = new ChannelsPlan { Top = 16, By = "variance" } }],
        };
        var failure = await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(plan));
        Assert.Contains("found 5 documents that benchmark 'text' measures too", Assert.Single(failure.Problems), StringComparison.Ordinal);
        Assert.All(failure.Problems, problem => Assert.Contains("measures too", problem));
    }

    [Fact]
    public async Task LanguageModelAdapter_OfTheMiniModel_AnswersLikeTheRunner()
    {
        var plan = MiniWorkbench.Plan with { Benchmarks = [MiniWorkbench.Plan.Benchmarks[0] with { Items = 3 }] };
        var resolved = await _bench.ResolveAsync(plan);
        var batch = Workbench.Batch(plan, resolved);
        var rows = (await _bench.RunAsync(batch with { Jobs = [.. batch.Jobs.Where(job => job.Identity.Interventions.Count == 0)], MicroBatches = [batch.MicroBatches[0] with { JobCount = 2 }] }))
            .ToLookup(row => row.ItemId);
        var loader = _bench.Get<IModelLoader>();
        var pool = _bench.Get<DevicePool>();
        var device = TestDevice.IsCuda ? TestDevice.Name : "cpu:7";
        var worker = pool.Rent(device);
        var input = _bench.Get<JobInputs>().Open(batch, device);
        ILanguageModel model = new LanguageModelAdapter(
            worker, input.ModelFolder, loader.Inspect(input.ModelFolder), "fp32", _bench.Get<IOptions<DeviceOptions>>().Value.MemoryBudgetBytes, []);
        var items = batch.ItemIds.Select(id => input.Benchmark.Find(id)!).ToArray();
        var likelihoods = model.LogLikelihood(
            [.. items.SelectMany(item => item.Continuations.Select(gold => new LogLikelihoodRequest(item.Prefix + item.Context + item.Suffix, gold)))],
            TestContext.Current.CancellationToken);
        var texts = model.GenerateUntil(
            [.. items.Select(item => new GenerateRequest(item.Prefix + item.Context + item.Suffix, ["\n"], 16))], TestContext.Current.CancellationToken);

        // The ledger's gold may also end with end-of-text, which is how this model ends.
        var golds = items.SelectMany(item => rows[item.Id].Single(row => row.LogLikelihood is not null) is var row && row.GoldLogLikelihoods is { } all ? all : [row.LogLikelihood]).ToArray();
        Assert.All(golds, gold => Assert.InRange(gold!.Value, -0.5, 0));
        Assert.All(likelihoods, likelihood => Assert.InRange(likelihood!.Value, -40, -5));
        Assert.Equal(items.Select(item => Encoding.UTF8.GetString(rows[item.Id].Single(row => row.Response is not null).Response!)), texts);
        await pool.ReturnAsync(worker);
    }

    public void Dispose() => _bench.Dispose();

    private static BenchmarkPlan[] Benchmarks(int items) =>
    [
        .. new[] { "squad.json", "triviaqa.json", "drop.json", "musique.jsonl", "ruler.jsonl", "ifeval.jsonl", "text.jsonl" }.Select(file =>
            new BenchmarkPlan { Name = Path.GetFileNameWithoutExtension(file), Data = $"benchmarks/mini/{file}", Items = items }),
    ];

    /// <summary>Exact match on all 150 items by scalar; 1 is the baseline.</summary>
    private async Task<IReadOnlyDictionary<double, double>> AccuracyAsync(string model)
    {
        var plan = MiniWorkbench.Plan with { Models = [model], Decoding = new DecodingPlan { LogLikelihood = false } };
        var resolved = await _bench.ResolveAsync(plan);
        var batch = Workbench.Batch(plan, resolved);
        var jobs = batch.Jobs.ToDictionary(job => job.Id);
        var rows = await _bench.RunAsync(batch);
        Assert.Equal(300, rows.Count);
        return rows.GroupBy(row => jobs[row.JobId].Identity.Interventions is [{ Scalar: { } scalar }] ? scalar : 1)
            .ToDictionary(group => group.Key, group => group.Average(row => row.Metrics["em"]));
    }

    /// <summary>The same rows in any order, bit for bit; on a CUDA device the same outcomes, with numbers that packing may move: of max(1, |number|).</summary>
    private static void AssertSame(IReadOnlyList<ItemResult> expected, IReadOnlyList<ItemResult> actual, double tolerance = 1e-4)
    {
        if (!TestDevice.IsCuda)
        {
            Assert.Equal(Text(expected), Text(actual));
            return;
        }

        Assert.Equal(expected.Count, actual.Count);
        var found = actual.ToDictionary(row => (row.JobId, row.ItemId));
        foreach (var row in expected)
        {
            var other = found[(row.JobId, row.ItemId)];
            Assert.Equal((row.PromptHash, row.Flags, row.DivergedLayer, row.DivergedStep), (other.PromptHash, other.Flags, other.DivergedLayer, other.DivergedStep));
            Assert.Equal(row.Response, other.Response);
            Assert.Equal(row.Metrics, other.Metrics);
            Assert.Equal(row.Pair is null, other.Pair is null);
            Assert.Equal(row.Receipt.PositionsTouched, other.Receipt.PositionsTouched);
            TestDevice.AssertSame(
                [row.LogLikelihood, row.Pair?.LogLikelihood, row.Receipt.OnTargetMinimum, row.Receipt.OnTargetMaximum, row.Receipt.RelativeChange, row.Receipt.NextTokenKl, .. row.GoldLogLikelihoods ?? []],
                [other.LogLikelihood, other.Pair?.LogLikelihood, other.Receipt.OnTargetMinimum, other.Receipt.OnTargetMaximum, other.Receipt.RelativeChange, other.Receipt.NextTokenKl, .. other.GoldLogLikelihoods ?? []],
                tolerance);
        }
    }

    private static string[] Text(IReadOnlyList<ItemResult> rows) =>
        [.. rows.Select(row => JsonSerializer.Serialize(row, SweepJson.Options)).Order(StringComparer.Ordinal)];
}
