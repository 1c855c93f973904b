using System.Text.Json;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Evaluation;
using Sweep.Evaluation.Benchmarks;
using Sweep.Execution.Devices;
using Sweep.Execution.Prefix;
using Sweep.Execution.Residency;
using Sweep.Execution.Running;
using Sweep.Execution.Tests.Stubs;
using Sweep.Models.Checkpoints;
using Sweep.Models.Tests.Cuda;
using Sweep.Tests;
using static TorchSharp.torch;

namespace Sweep.Execution.Tests.MiniModel;

/// <summary>Choices, last words and windows on the shipped model.</summary>
public sealed class LikelihoodTests : IDisposable
{
    private readonly MiniWorkbench _bench = new();
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<SteeredExecutor> _executor = new(() =>
    {
        using var checkpoint = CheckpointFolder.Open(Fixtures.Shipped("models", "mamba-mini"));
        return new SteeredExecutor(checkpoint.LoadModel(ScalarType.Float32, CPU), ownsModel: true);
    });

    /// <summary>The right choice is what the model learned; the wrong ones are other answers.</summary>
    [Fact]
    public async Task RunAsync_Choices_AreThoseOfOneContinuationAtATime()
    {
        var data = BenchmarkCatalog.Find("triviaqa").Read(Fixtures.Shipped("benchmarks", "mini", "triviaqa.json")).Take(6).ToArray();
        var lines = data.Select((item, i) => JsonSerializer.Serialize(new
        {
            query = item.Prompt,
            choices = new[] { data[(i + 1) % 6].Golds[0], item.Golds[0], data[(i + 2) % 6].Golds[0] },
            gold = 1,
        }));
        var rows = await RunAsync("choice", _folder.Write("choices.jsonl", string.Join('\n', lines)), scalars: [40]);
        var baseline = rows.Where(row => row.Receipt.PositionsTouched == 0).ToArray();
        Assert.Equal((12, 6), (rows.Count, baseline.Length));
        Assert.All(baseline, row => Assert.Equal([1, 1, 1], row.Metrics.Values));
        Assert.All(rows, row =>
        {
            Assert.Equal(["acc", "acc_bytes", "acc_norm"], row.Metrics.Keys);
            Assert.Equal(row.GoldLogLikelihoods![1], row.LogLikelihood);
        });

        var alone = OneByOne([.. data.SelectMany((item, i) => new[] { data[(i + 1) % 6].Golds[0], item.Golds[0], data[(i + 2) % 6].Golds[0] }.Select(choice => new LogLikelihoodRequest(item.Prompt, " " + choice)))]);
        var expected = alone.Chunk(3).Select(three => string.Join(' ', three.Select(value => value!.Value.ToString("R")))).Order();
        if (TestDevice.IsCuda)
            TestDevice.AssertSame([.. alone.Chunk(3).OrderBy(three => three[0]).SelectMany(three => three)], [.. baseline.OrderBy(row => row.GoldLogLikelihoods![0]).SelectMany(row => row.GoldLogLikelihoods!)], 1e-3);
        else
            Assert.Equal(expected, baseline.Select(row => string.Join(' ', row.GoldLogLikelihoods!.Select(value => value!.Value.ToString("R")))).Order());
    }

    [Fact]
    public async Task RunAsync_LastWord_IsRightWhereGreedyDecodingWritesIt()
    {
        var data = BenchmarkCatalog.Find("triviaqa").Read(Fixtures.Shipped("benchmarks", "mini", "triviaqa.json")).Where(item => !item.Golds[0].Contains(' ')).Take(4).ToArray();
        var lines = data.Select((item, i) => JsonSerializer.Serialize(new { context = item.Prompt, continuation = i < 3 ? item.Golds[0] : "nothing" }));
        var rows = await RunAsync("lambada", _folder.Write("words.jsonl", string.Join('\n', lines)), scalars: []);
        Assert.Equal([0, 1, 1, 1], rows.Select(row => row.Metrics["acc"]).Order());
        Assert.All(rows, row => Assert.Equal(row.Metrics["acc"] == 1, row.LogLikelihood > -0.5));
    }

    /// <summary>Each window's tokens are as likely as the same tokens asked for one after the other, from the same tokens before them.</summary>
    [Theory]
    [InlineData(16, 16)]
    [InlineData(16, 5)]
    public async Task RunAsync_TextInWindows_IsTheSumOfTheirTokens(int window, int stride)
    {
        var text = string.Join(' ', BenchmarkCatalog.Find("text").Read(Fixtures.Shipped("benchmarks", "mini", "text.jsonl")).Take(3).Select(item => item.Prompt));
        var path = _folder.Write("corpus.txt", text);
        var row = Assert.Single(await RunAsync("corpus", path, scalars: [], window, stride));
        var codec = _bench.Get<IModelLoader>().Inspect(Path.Combine(Fixtures.Root, "models", "mamba-mini")).Tokenizer;
        var tokens = codec.Encode(text);
        Assert.Equal(tokens.Count - 1, row.LogLikelihoodTokens);
        var expected = TextWindow.Of(tokens.Count, window, stride).Sum(one => Likelihood(tokens, one));
        Assert.Equal(expected, row.LogLikelihood!.Value, 1e-3);
        Assert.NotEqual(row.LogLikelihood, Assert.Single(await RunAsync("corpus", path, scalars: [], window * 1000, stride)).LogLikelihood);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task ResolveAsync_Corpus_IsAlwaysReported(long seed)
    {
        _folder.Write("corpus.txt", "Anna lives in Epsom.");
        using var bench = new MiniWorkbench(root: _folder.Path);
        var plan = MiniWorkbench.Plan with { Benchmarks = [new BenchmarkPlan { Name = "corpus", Data = "corpus.txt", Window = 4 }], Seed = seed, ContextLimit = 2 };
        var benchmark = (await bench.ResolveAsync(plan)).Benchmarks[0];
        var item = Assert.Single(benchmark.Items);
        Assert.Equal((ItemSplit.Test, 4, 4), (item.Split, benchmark.Window, benchmark.Stride));
        Assert.True(item.PromptTokens[0] > 2, "a window stands in for the context limit");
    }

    [Fact]
    public async Task RunAsync_SteeredTextInWindows_TouchesEveryPositionThatIsRead()
    {
        var path = _folder.Write("corpus.txt", "Anna lives in Epsom. Bo works as a farmer. Carl likes figs and Xena owns a cat.");
        var rows = await RunAsync("corpus", path, scalars: [2], 8, 3);
        var steered = rows.Single(row => row.Receipt.PositionsTouched > 0);
        Assert.Equal(TextWindow.Of(steered.LogLikelihoodTokens!.Value + 1, 8, 3).Sum(one => one.Length), steered.Receipt.PositionsTouched);
        Assert.InRange(steered.Receipt.OnTargetMaximum!.Value, 2 - 2e-5, 2 + 2e-5);
    }

    /// <summary>A task file beside its data, with examples: two seeds are two sets of prompts, and so of jobs.</summary>
    [Fact]
    public async Task RunAsync_TaskFile_ScoresItsChoicesAndTakesThePlansSeed()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "tasks"));
        _folder.Write("tasks/rivers.yaml", """
            dataset_kwargs: { data_files: { test: rivers.jsonl } }
            test_split: test
            num_fewshot: 1
            output_type: multiple_choice
            doc_to_text: "{{prompt}}"
            doc_to_choice: "{{[right, wrong]}}"
            doc_to_target: 0
            """);
        var data = BenchmarkCatalog.Find("triviaqa").Read(Fixtures.Shipped("benchmarks", "mini", "triviaqa.json")).Take(5).ToArray();
        _folder.Write("tasks/rivers.jsonl", string.Join('\n', data.Select((item, i) => JsonSerializer.Serialize(new { prompt = item.Prompt, right = item.Golds[0], wrong = data[(i + 1) % 5].Golds[0] }))));
        using var bench = new MiniWorkbench(root: _folder.Path);
        var plan = MiniWorkbench.Plan with { Benchmarks = [new BenchmarkPlan { Name = "task", Data = "tasks/rivers.yaml", Label = "rivers" }], Scalars = [1] };
        var resolved = await bench.ResolveAsync(plan);
        var batch = Workbench.Batch(plan, resolved);
        var rows = await bench.RunAsync(batch);
        Assert.Equal(5, rows.Count);
        Assert.All(rows, row => Assert.Equal(["acc", "acc_bytes", "acc_norm"], row.Metrics.Keys));
        Assert.Equal(rows.Count(row => row.GoldLogLikelihoods![0] > row.GoldLogLikelihoods[1]), rows.Sum(row => row.Metrics["acc"]));

        var other = plan with { Seed = 1 };
        Assert.NotEqual(batch.Jobs[0].Id, Workbench.Batch(other, await bench.ResolveAsync(other)).Jobs[0].Id);
        Assert.Equal(batch.Jobs[0].Id, Workbench.Batch(plan, await bench.ResolveAsync(plan)).Jobs[0].Id);

        _folder.Write("tasks/rivers.jsonl", """{"prompt": "Who?", "right": "a", "wrong": "b"}""");
        var fault = await Assert.ThrowsAsync<Contracts.Execution.JobFaultedException>(() => bench.RunAsync(batch));
        Assert.Contains("found 0 other records to take examples from", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.jsonl")]
    [InlineData("/etc/hostname")]
    public async Task ResolveAsync_TaskThatNamesAFileOutside_IsRefused(string file)
    {
        using var bench = new MiniWorkbench(root: _folder.Path);
        _folder.Write("task.yaml", $"dataset_kwargs: {{ data_files: {file} }}\ndoc_to_text: a\ndoc_to_target: b\n");
        var plan = MiniWorkbench.Plan with { Benchmarks = [new BenchmarkPlan { Name = "task", Data = "task.yaml" }] };
        var problem = Assert.Single((await Assert.ThrowsAsync<InvalidPlanException>(() => bench.ResolveAsync(plan))).Problems);
        Assert.Contains($"task.dataset_kwargs.data_files: found '{file}'", problem, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        if (_executor.IsValueCreated)
            _executor.Value.Dispose();
        _bench.Dispose();
        _folder.Dispose();
    }

    private async Task<IReadOnlyList<ItemResult>> RunAsync(string kind, string path, double[] scalars, int? window = null, int? stride = null)
    {
        using var bench = new MiniWorkbench(root: _folder.Path);
        var plan = MiniWorkbench.Plan with
        {
            Benchmarks = [new BenchmarkPlan { Name = kind, Data = Path.GetFileName(path), Window = window, Stride = stride }],
            Scalars = scalars.Length == 0 ? [1] : scalars,
        };
        var resolved = await bench.ResolveAsync(plan);
        return await bench.RunAsync(Workbench.Batch(plan, resolved, items: 2));
    }

    private IReadOnlyList<double?> OneByOne(IReadOnlyList<LogLikelihoodRequest> requests) => WithModel(model =>
        requests.Select(request => model.LogLikelihood([request], TestContext.Current.CancellationToken)[0]).ToArray());

    private T WithModel<T>(Func<LanguageModelAdapter, T> use)
    {
        var folder = Path.Combine(Fixtures.Root, "models", "mamba-mini");
        var pool = _bench.Get<DevicePool>();
        var worker = pool.Rent("cpu:6");
        try
        {
            return use(new LanguageModelAdapter(worker, folder, _bench.Get<IModelLoader>().Inspect(folder), "fp32", _bench.Get<IOptions<DeviceOptions>>().Value.MemoryBudgetBytes, []));
        }
        finally
        {
            pool.ReturnAsync(worker).AsTask().GetAwaiter().GetResult();
        }
    }

    /// <summary>The window's scored tokens as one continuation of those before them.</summary>
    private double Likelihood(IReadOnlyList<int> tokens, TextWindow window)
    {
        int[] read = [.. tokens.Skip(window.Start).Take(window.Length)];
        var request = new PromptRequest { PromptTokens = read[..window.FirstScored], Continuations = [read[window.FirstScored..]] };
        return _executor.Value.Run(new SteeredBatch { Prompts = [request], Rows = [] }, TestContext.Current.CancellationToken)[0][0].LogLikelihoods[0]!.Value;
    }
}
