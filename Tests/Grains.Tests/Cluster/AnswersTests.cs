using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Xunit;

namespace Sweep.Grains.Tests.Cluster;

/// <summary>What silos are asked for people.</summary>
public sealed class AnswersTests
{
    private readonly StubWork _work = new(TestSilos.Resolved);

    [Fact]
    public async Task Worker_WithABatch_SaysItsLeaseItsProgressAndItsSpeed()
    {
        var (first, go) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _work.BeforeMicroBatch = (_, _, index, _) =>
        {
            if (index == 0)
                return Task.CompletedTask;
            first.TrySetResult();
            return go.Task;
        };
        await using var silos = await TestSilos.StartAsync(_work, leaseSeconds: 30, count: 1);
        await silos.SubmitAsync();
        await first.Task.WaitAsync(TestContext.Current.CancellationToken);
        var grain = silos.Worker(silos.Cluster.Silos[0]);
        // The row before is recorded while this one waits.
        await silos.UntilAsync("the micro-batch before", async () => (await grain.GetStatusAsync()).MicroBatchesDone > 0);

        var status = await grain.GetStatusAsync();

        Assert.NotNull(status.BatchId);
        Assert.InRange(status.LeaseSeconds!.Value, 0, 30);
        Assert.Equal(1, status.MicroBatchesDone);
        Assert.True(status.MicroBatches > 1);
        Assert.True(status.TokensPerSecond > 0);
        go.SetResult();
        await silos.EndAsync();
        await silos.UntilAsync("an idle worker", async () => await grain.GetStatusAsync() is { BatchId: null, LeaseSeconds: null, MicroBatches: 0, Faults: 0 });
    }

    [Fact]
    public async Task PlanFiles_OfASiloThatHasThem_AnswersEstimatesProblemsAndTexts()
    {
        await using var silos = await TestSilos.StartAsync(_work, count: 1, configure: services => services.AddSingleton<IPlanEstimator, Estimator>().AddSingleton<IItemTexts, Texts>());
        var grain = silos.Cluster.Client.GetGrain<IPlanFilesGrain>(0);

        var known = await grain.EstimateAsync(JsonSerializer.Serialize(Plans.Plan, SweepJson.Options));
        var wrong = await grain.EstimateAsync(JsonSerializer.Serialize(Plans.Plan with { Name = "wrong" }, SweepJson.Options));
        var texts = await grain.FindTextsAsync(JsonSerializer.Serialize(TestSilos.Resolved.Benchmarks[0] with { Items = [] }, SweepJson.Options), 7, ["i1"]);

        Assert.Equal((3, 0.25, "squad", 0.125), (known.Estimate!.Jobs, known.Estimate.SavedShare, Assert.Single(known.Estimate.Power).Benchmark, known.Estimate.Power[0].Usual));
        Assert.Null(wrong.Estimate);
        Assert.Equal(["models: found none", "data: found none"], wrong.Problems);
        Assert.Equal(("b, seed 7", 1), (texts.Items["i1"].Prompt, texts.Items["i1"].Gold));
    }

    [Fact]
    public async Task Answers_OfASiloWithoutFilesAndBroker_SaySo()
    {
        await using var silos = await TestSilos.StartAsync(_work, count: 1);

        Assert.Equal(["this silo cannot estimate"], (await silos.Cluster.Client.GetGrain<IPlanFilesGrain>(0).EstimateAsync(JsonSerializer.Serialize(Plans.Plan, SweepJson.Options))).Problems);
        Assert.NotNull((await silos.Cluster.Client.GetGrain<IPlanFilesGrain>(0).FindTextsAsync(JsonSerializer.Serialize(TestSilos.Resolved.Benchmarks[0], SweepJson.Options), 0, [])).Problem);
        var broker = await silos.Cluster.Client.GetGrain<IBrokerGrain>(0).ReadQueuesAsync();
        Assert.Equal(("none", 0, null), (broker.Transport, broker.Queues.Count, broker.Problem));
    }

    private sealed class Estimator : IPlanEstimator
    {
        public Task<PlanEstimate> EstimateAsync(SweepPlan plan, CancellationToken cancellationToken) => plan.Name == "wrong"
            ? throw new InvalidPlanException(["models: found none", "data: found none"])
            : Task.FromResult(new PlanEstimate
            {
                Jobs = 3,
                Batches = 2,
                Rows = 5,
                RowsRecorded = 1,
                SavedShare = 0.25,
                Seconds = 9,
                Power = [new DetectableEffect { Benchmark = "squad", Items = 24, Groups = 12, Usual = 0.125 }],
            });
    }

    private sealed class Texts : IItemTexts
    {
        public Task<ItemTextsFound> FindAsync(ResolvedBenchmark benchmark, long seed, IReadOnlyList<string> itemIds, CancellationToken cancellationToken) => Task.FromResult(new ItemTextsFound
        {
            Items = itemIds.ToDictionary(id => id, _ => new ItemTexts { Prompt = $"{benchmark.Name}, seed {seed}", Golds = ["a", "b"], Gold = 1 }, StringComparer.Ordinal),
        });
    }
}
