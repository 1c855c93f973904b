using System.Text;
using System.Text.Json;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Execution.Running;
using Sweep.Execution.Tests.Stubs;
using Sweep.Models.Tests.Cuda;

namespace Sweep.Execution.Tests.Running;

public sealed class JobRunnerTests : IDisposable
{
    private readonly Workbench _bench = new();

    [Fact]
    public async Task RunAsync_WholeBatch_GivesOneRowAJobAndItem()
    {
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        var batch = Workbench.Batch(Workbench.Plan, resolved);
        var result = Assert.Single(await _bench.RunAsync(batch));

        // The baseline and (bottleneck + 2 controls) × 2 scalars, two measures each, on 12 items.
        Assert.Equal(14, batch.Jobs.Count);
        Assert.Equal(14 * 12, result.Rows.Count);
        Assert.Equal(14 * 12, result.Rows.Select(row => (row.JobId, row.ItemId)).Distinct().Count());

        // Log-likelihood and generation share one pass; the baseline is the row that every pass has.
        Assert.Equal([(12, 6)], _bench.Loader.Executor.Passes);
        Assert.True(result.Tokens > 0);
    }

    [Fact]
    public async Task RunAsync_LogLikelihood_TakesTheBestGoldAndKeepsAll()
    {
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        var batch = Workbench.Batch(Workbench.Plan, resolved);
        var rows = (await _bench.RunAsync(batch))[0].Rows;
        var likelihoods = batch.Jobs.Where(job => job.Identity.Measure == Measure.LogLikelihood).Select(job => job.Id).ToHashSet();
        foreach (var row in rows.Where(row => likelihoods.Contains(row.JobId)))
        {
            Assert.Equal(2, row.GoldLogLikelihoods!.Count);
            Assert.Equal(row.GoldLogLikelihoods.Max(), row.LogLikelihood);
            Assert.Equal($" gold{row.ItemId[1..]}\n".Length, row.LogLikelihoodTokens);
            Assert.Empty(row.Metrics);
            Assert.Null(row.Response);
        }
    }

    [Fact]
    public async Task RunAsync_Generation_CutsTheResponseAtTheStopAndScoresIt()
    {
        _bench.Loader.Prepare = executor => executor.Answer = (row, _) => row.Count == 0 ? " gold3\nmore text" : " a long wrong answer";
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        var batch = Workbench.Batch(Workbench.Plan, resolved);
        var rows = (await _bench.RunAsync(batch))[0].Rows;
        var generations = batch.Jobs.Where(job => job.Identity.Measure == Measure.Generation).ToDictionary(job => job.Id);
        foreach (var row in rows.Where(row => generations.ContainsKey(row.JobId)))
        {
            var isBaseline = generations[row.JobId].Identity.Interventions.Count == 0;
            Assert.Equal(isBaseline ? " gold3" : " a long ", Encoding.UTF8.GetString(row.Response!));
            Assert.Equal(isBaseline ? ItemFlags.None : ItemFlags.GenerationTruncated, row.Flags);
            Assert.Equal(isBaseline && row.ItemId == "q3" ? 1 : 0, row.Metrics["em"]);
            Assert.Equal(["em", "f1"], row.Metrics.Keys);
        }
    }

    [Fact]
    public async Task RunAsync_OnADeviceWhosePackingMatters_GivesEverySteeredRowItsUnsteeredPair()
    {
        var (batch, rows) = await RunOnCudaAsync();
        var jobs = batch.Jobs.ToDictionary(job => job.Id, job => job.Identity);
        var baselines = rows.Where(row => jobs[row.JobId].Interventions.Count == 0).ToDictionary(row => (jobs[row.JobId].Measure, row.ItemId));
        Assert.Equal(2 * 12, baselines.Count);
        foreach (var row in rows.Except(baselines.Values))
        {
            // All of it ran in one pass, so that the pair is the baseline.
            var baseline = baselines[(jobs[row.JobId].Measure, row.ItemId)];
            Assert.Equal(baseline.LogLikelihood, row.Pair!.LogLikelihood);
            Assert.Equal(baseline.Metrics, row.Pair.Metrics);
        }

        Assert.All(baselines.Values, row => Assert.Null(row.Pair));
    }

    [Fact]
    public async Task RunAsync_OnCpu_GivesNoPairs()
    {
        TestDevice.RequireOwnLibTorch();
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        Assert.All((await _bench.RunAsync(Workbench.Batch(Workbench.Plan, resolved)))[0].Rows, row => Assert.Null(row.Pair));
    }

    [Fact]
    public async Task RunAsync_PassInPieces_PairsEachRowWithTheUnsteeredRowOfItsOwnPiece()
    {
        var (batch, whole) = await RunOnCudaAsync();
        var effects = whole.ToDictionary(row => (row.JobId, row.ItemId), Effect);

        // One prompt and one row a piece, each with noise of its own: a pair of another piece would show in the effect.
        _bench.Loader.Prepare = executor =>
        {
            executor.Capacity = 2;
            executor.Noise = pass => 10 * pass.Rows[0][0].Scalar * pass.Rows[0][0].Channels[0];
        };
        var (_, pieces) = await RunOnCudaAsync();
        Assert.Equal(effects.Count, pieces.Count);
        foreach (var row in pieces)
        {
            if (Effect(row) is { } effect)
                Assert.Equal(effects[(row.JobId, row.ItemId)]!.Value, effect, 1e-9);
        }

        var likelihoods = batch.Jobs.Where(job => job.Identity is { Measure: Measure.LogLikelihood, Interventions.Count: > 0 }).Select(job => job.Id).ToHashSet();
        Assert.Equal(6, likelihoods.Count);
        Assert.All(pieces.Where(row => likelihoods.Contains(row.JobId)), row => Assert.NotNull(Effect(row)));

        static double? Effect(ItemResult row) => row.LogLikelihood - row.Pair?.LogLikelihood;
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 3)]
    [InlineData(12, 2)]
    [InlineData(4, 14)]
    public async Task RunAsync_OtherMicroBatchShapes_GiveTheSameRows(int items, int jobs)
    {
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        var whole = await _bench.RunAsync(Workbench.Batch(Workbench.Plan, resolved));
        var cut = await _bench.RunAsync(Workbench.Batch(Workbench.Plan, resolved, items: items, jobs: jobs));
        Assert.Equal(Text(whole), Text(cut));
    }

    [Fact]
    public async Task RunAsync_OneMeasureAlone_GivesTheRowsOfBothTogether()
    {
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        var batch = Workbench.Batch(Workbench.Plan, resolved);
        var together = Text(await _bench.RunAsync(batch));
        var apart = new List<string>();
        foreach (var measure in new[] { Measure.LogLikelihood, Measure.Generation })
        {
            var jobs = batch.Jobs.Where(job => job.Identity.Measure == measure).ToArray();
            apart.AddRange(Text(await _bench.RunAsync(batch with { Jobs = jobs, MicroBatches = [batch.MicroBatches[0] with { JobCount = jobs.Length }] })));
        }

        Assert.Equal(together, apart.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task RunAsync_ThreeRunners_GiveTheRowsOfOne()
    {
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        var batch = Workbench.Batch(Workbench.Plan, resolved, items: 2, jobs: 5);
        var alone = Text(await _bench.RunAsync(batch));
        var shares = await Task.WhenAll(Enumerable.Range(0, 3).Select(worker => _bench.RunAsync(
            batch with { MicroBatches = [.. batch.MicroBatches.Where((_, index) => index % 3 == worker)] }, device: $"cpu:{worker}")));
        Assert.Equal(alone, shares.SelectMany(Text).Order(StringComparer.Ordinal));
        Assert.Equal(4, _bench.Loader.Loads.Count);
    }

    [Fact]
    public async Task RunAsync_RecordedRows_AreLeftOutAndTheRestIsTheSame()
    {
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        var batch = Workbench.Batch(Workbench.Plan, resolved, items: 4, jobs: 7);
        var whole = (await _bench.RunAsync(batch)).SelectMany(result => result.Rows).ToArray();

        // All of the first micro-batch, all items of one job, and one stray row.
        var recorded = whole.Where(row => batch.ItemIds.Take(4).Contains(row.ItemId) && batch.Jobs.Take(7).Any(job => job.Id == row.JobId))
            .Select(row => (row.JobId, row.ItemId)).ToHashSet();
        recorded.UnionWith(batch.ItemIds.Select(item => (batch.Jobs[9].Id, item)));
        recorded.Add((batch.Jobs[3].Id, batch.ItemIds[5]));
        var rest = await _bench.RunAsync(batch, recorded);
        Assert.Equal([1, 2, 3, 4, 5], rest.Select(result => result.Index));
        Assert.Equal(
            whole.Where(row => !recorded.Contains((row.JobId, row.ItemId))).Select(Text).Order(StringComparer.Ordinal),
            rest.SelectMany(result => result.Rows).Select(Text).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task RunAsync_EverythingRecorded_LoadsNoModel()
    {
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        var batch = Workbench.Batch(Workbench.Plan, resolved);
        var recorded = batch.Jobs.SelectMany(job => batch.ItemIds.Select(item => (job.Id, item))).ToHashSet();
        Assert.Empty(await _bench.RunAsync(batch, recorded));
        Assert.Empty(_bench.Loader.Loads);
    }

    [Fact]
    public async Task RunAsync_OutOfMemory_HalvesItemsThenRowsAndRemembers()
    {
        _bench.Loader.Prepare = executor => executor.Capacity = 5;
        var plan = Workbench.Plan with { Benchmarks = [new BenchmarkPlan { Name = "qa", Data = "qa.txt", Items = 6 }] };
        var resolved = await _bench.ResolveAsync(plan);
        var small = await _bench.RunAsync(Workbench.Batch(plan, resolved));
        Assert.Equal([(6, 6), (3, 6), (1, 6), (1, 3)], _bench.Loader.Executor.Passes.Take(4));

        // What did not fit once is not tried again.
        Assert.Equal(3, _bench.Loader.Executor.Passes.Count(pass => pass.Prompts * (pass.Rows + 1) > 5));
        Assert.Equal(3, _bench.Loader.Executor.Releases);
        _bench.Loader.Prepare = _ => { };
        Assert.Equal(Text(await _bench.RunAsync(Workbench.Batch(plan, resolved))), Text(small));
    }

    /// <summary>The message is libtorch's own: a petabyte is nowhere.</summary>
    [Fact]
    public void OutOfMemory_OfLibtorch_IsKnown()
    {
        var failure = Assert.ThrowsAny<Exception>(() => TorchSharp.torch.empty(1L << 50));
        Assert.True(OutOfMemory.Is(failure), failure.Message);
        Assert.True(OutOfMemory.Is(new InvalidOperationException("outer", new InvalidOperationException("CUDA out of memory. Tried to allocate 2.00 GiB"))));
        Assert.False(OutOfMemory.Is(new InvalidOperationException("The size of tensor a (3) must match the size of tensor b (4)")));
    }

    [Fact]
    public async Task RunAsync_CanceledAfterAMicroBatch_RunsNoOther()
    {
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        var batch = Workbench.Batch(Workbench.Plan, resolved, items: 3);
        await using var runner = new JobRunner(_bench.Pool, "cpu:0", _bench.Inputs);
        using var canceled = new CancellationTokenSource();
        var done = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var result in runner.RunAsync(batch, new HashSet<(JobId, string)>(), canceled.Token))
            {
                Assert.Equal(done++, result.Index);
                await canceled.CancelAsync();
            }
        });
        Assert.Equal(1, done);
        Assert.Single(_bench.Loader.Executor.Passes);
    }

    [Fact]
    public async Task RunAsync_SmallMemoryBudget_SplitsBeforeItFails()
    {
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        var whole = await _bench.RunAsync(Workbench.Batch(Workbench.Plan, resolved));
        _bench.DeviceOptions.MemoryBudgetBytes = 1;
        var cut = await _bench.RunAsync(Workbench.Batch(Workbench.Plan, resolved));
        Assert.All(_bench.Loader.Executor.Passes, pass => Assert.Equal((1, 1), pass));
        Assert.Equal(Text(whole), Text(cut));
    }

    [Fact]
    public async Task RunAsync_DivergedRow_ScoresZeroAndLeavesTheOthers()
    {
        _bench.Loader.Prepare = executor => executor.Diverges = intervention => intervention.Scalar == 2;
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        var batch = Workbench.Batch(Workbench.Plan, resolved);
        var jobs = batch.Jobs.ToDictionary(job => job.Id);
        foreach (var row in (await _bench.RunAsync(batch))[0].Rows)
        {
            var identity = jobs[row.JobId].Identity;
            var diverged = identity.Interventions.Any(intervention => intervention.Scalar == 2);
            Assert.Equal(diverged, row.Flags.HasFlag(ItemFlags.Diverged));
            Assert.Equal(diverged ? (2, 3) : null, row.DivergedLayer is { } layer ? (layer, row.DivergedStep!.Value) : ((int, int)?)null);
            if (diverged && identity.Measure == Measure.Generation)
                Assert.Equal([0, 0], row.Metrics.Values);
            if (identity.Measure == Measure.LogLikelihood)
                Assert.Equal(diverged, row.LogLikelihood is null);
        }
    }

    [Fact]
    public async Task RunAsync_Text_GivesLogLikelihoodOfEveryTokenAfterTheFirst()
    {
        var plan = Workbench.Plan with { Benchmarks = [new BenchmarkPlan { Name = "text", Data = "text.txt" }] };
        var resolved = await _bench.ResolveAsync(plan);
        var rows = (await _bench.RunAsync(Workbench.Batch(plan, resolved)))[0].Rows;
        Assert.Equal(7 * 4, rows.Count);
        Assert.All(rows, row => Assert.NotNull(row.LogLikelihood));
        Assert.All(rows, row => Assert.Equal(resolved.Benchmarks[0].Items.Single(item => item.Id == row.ItemId).PromptTokens[0] - 1, row.LogLikelihoodTokens));
    }

    [Fact]
    public async Task RunAsync_ContextLimit_FlagsTheCutItems()
    {
        var plan = Workbench.Plan with { ContextLimit = 40 };
        var resolved = await _bench.ResolveAsync(plan);
        var rows = (await _bench.RunAsync(Workbench.Batch(plan, resolved)))[0].Rows;
        Assert.All(resolved.Benchmarks[0].Items, item => Assert.InRange(item.PromptTokens[0], 1, 40));
        Assert.Equal(["q10", "q11", "q5", "q6", "q7", "q8", "q9"], rows.Where(row => row.Flags.HasFlag(ItemFlags.ContextTruncated)).Select(row => row.ItemId).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("model/weights", "the weights in 'model'")]
    [InlineData("qa.txt", "the benchmark file 'qa.txt'")]
    public async Task RunAsync_FileChanged_FaultsAndNamesIt(string file, string named)
    {
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        File.AppendAllText(Path.Combine(_bench.Folder, file), "q99|1|context|question|gold");
        var fault = await Assert.ThrowsAsync<JobFaultedException>(() => _bench.RunAsync(Workbench.Batch(Workbench.Plan, resolved)));
        Assert.Contains(named, fault.Message);
        Assert.Contains("changed", fault.Message);
    }

    [Fact]
    public async Task RunAsync_OtherNumerics_Faults()
    {
        var resolved = await _bench.ResolveAsync(Workbench.Plan) with { NumericsId = "cuda/9" };
        var fault = await Assert.ThrowsAsync<JobFaultedException>(() => _bench.RunAsync(Workbench.Batch(Workbench.Plan, resolved)));
        Assert.Contains($"found numerics 'cuda/9', expected '{Numerics.Of("cpu:0")}', which is what device cpu:0 computes", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_JobsOfAnotherDeviceKind_Faults()
    {
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        var fault = await Assert.ThrowsAsync<JobFaultedException>(() => _bench.RunAsync(Workbench.Batch(Workbench.Plan, resolved), device: "cuda:0"));
        Assert.Contains($"found numerics '{Numerics.Of("cpu:0")}', expected 'cuda/5'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_SecondModel_TakesTheFirstOnesPlace()
    {
        Directory.CreateDirectory(Path.Combine(_bench.Folder, "other"));
        File.WriteAllText(Path.Combine(_bench.Folder, "other", "weights"), "two");
        var other = Workbench.Plan with { Models = ["other"] };
        var first = Workbench.Batch(Workbench.Plan, await _bench.ResolveAsync(Workbench.Plan));
        var second = Workbench.Batch(other, await _bench.ResolveAsync(other));
        await using var runner = new JobRunner(_bench.Pool, "cpu:0", _bench.Inputs);
        Assert.Null(runner.ResidentModel);
        foreach (var batch in new[] { first, first, second })
        {
            await foreach (var _ in runner.RunAsync(batch, new HashSet<(JobId, string)>(), TestContext.Current.CancellationToken))
            {
            }

            Assert.Equal(batch.Jobs[0].Identity.WeightsHash, runner.ResidentModel);
        }

        Assert.Equal(["model", "other"], _bench.Loader.Loads);
    }

    public void Dispose() => _bench.Dispose();

    /// <summary>The plan's batch as a CUDA device would run it; the stub computes on nothing.</summary>
    private async Task<(JobBatch Batch, IReadOnlyList<ItemResult> Rows)> RunOnCudaAsync()
    {
        _bench.DeviceOptions.CalibrationDevice = "cuda:0";
        var resolved = await _bench.ResolveAsync(Workbench.Plan);
        Assert.Equal("cuda/5", resolved.NumericsId);
        var batch = Workbench.Batch(Workbench.Plan, resolved);
        return (batch, Assert.Single(await _bench.RunAsync(batch, device: "cuda:0")).Rows);
    }

    private static string[] Text(IReadOnlyList<MicroBatchResult> results) =>
        [.. results.SelectMany(result => result.Rows).Select(Text).Order(StringComparer.Ordinal)];

    private static string Text(ItemResult row) => JsonSerializer.Serialize(row, SweepJson.Options);
}
