using CsCheck;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Grains.Dispatch;
using Sweep.Grains.Tests.Cluster;
using Xunit;

namespace Sweep.Grains.Tests.Dispatch;

public sealed class SweepExpansionTests
{
    private const string Id = "sweep-a";

    private static readonly Gen<BatchSizing> Sizing =
        from batches in Gen.Int[1, 8]
        from seconds in Gen.Double[1, 15]
        from speed in Gen.Double[1e4, 1e8]
        from rowTokens in Gen.Int[10, 4000]
        select new BatchSizing
        {
            Batches = batches,
            BatchSeconds = seconds,
            MicroBatchSeconds = Math.Min(2, seconds),
            MultiplyAddsPerSecond = [speed, 2 * speed],
            MaxRowTokens = rowTokens,
            MinimumRows = 2,
            MaxRowsPerBatch = 8,
        };

    [Fact]
    public Task Extend_InLotsOfAnySize_WritesEveryPairOnceAndEveryJob() =>
        Gen.Select(Plans.Random, Sizing.Array[40]).SampleAsync(async (resolved, sizings) =>
        {
            var store = new MemorySweepStore();
            var expansion = await BeginAsync(store, resolved);
            for (var lot = 0; !expansion.IsComplete; lot++)
                Assert.True(await expansion.ExtendAsync(sizings[lot % sizings.Length], () => true, CancellationToken.None));

            await AssertWholeAsync(store, resolved);
            Assert.Null(expansion.Unfinished);
            // Nothing ran: repairing makes every batch once more.
            var batches = store.Batches.Count;
            Assert.Equal(batches, await expansion.RepairAsync(firstNumber: 1000, () => true, CancellationToken.None));
            Assert.Equal(2 * batches, store.Batches.Count);
        }, iter: 60);

    /// <summary>One coordinator is killed anywhere, the next measures other speeds; two may even run at once.</summary>
    [Fact]
    public Task Resume_ByOthersWithOtherSpeeds_LeavesTheSameBatches() =>
        Gen.Select(Plans.Random, Sizing.Array[12], Gen.Bool.Array[12]).SampleAsync(async (resolved, sizings, takesOver) =>
        {
            var store = new MemorySweepStore();
            var expansions = new[] { await BeginAsync(store, resolved), await BeginAsync(store, resolved) };
            for (var lot = 0; !expansions[0].IsComplete; lot++)
            {
                var index = lot % sizings.Length;
                await expansions[0].ExtendAsync(sizings[index], () => true, CancellationToken.None);
                // The other one is behind, and has other sizes in mind for the same lot.
                await expansions[1].ExtendAsync(sizings[^(index + 1)], () => true, CancellationToken.None);
                if (!takesOver[index])
                    continue;
                expansions[0] = await BeginAsync(store, resolved);
            }

            await AssertWholeAsync(store, resolved);
        }, iter: 60);

    [Fact]
    public async Task Extend_StoppedBetweenCalls_GoesOnWhereItStopped()
    {
        var resolved = TestSilos.Resolved;
        var store = new MemorySweepStore();
        var written = 0;
        var expansion = await BeginAsync(store, resolved, batches => written += batches.Count);
        Assert.False(await expansion.ExtendAsync(Small, () => false, CancellationToken.None));
        Assert.Equal((0, 1, -1), (store.Batches.Count, expansion.Lots, expansion.Unfinished));
        while (!expansion.IsComplete)
            await expansion.ExtendAsync(Small, () => true, CancellationToken.None);

        await AssertWholeAsync(store, resolved);
        Assert.Equal(store.Batches.Count, written);
    }

    [Fact]
    public async Task Unfinished_InsideTheItemsOfItsRows_IsTheLastBatch()
    {
        var store = new MemorySweepStore();
        var expansion = await BeginAsync(store, TestSilos.Resolved);
        await expansion.ExtendAsync(Small with { Batches = 1 }, () => true, CancellationToken.None);
        Assert.Equal(0, expansion.Unfinished);
        await expansion.ExtendAsync(Small with { Batches = 1 }, () => true, CancellationToken.None);
        Assert.Equal(1, expansion.Unfinished);
        // The rest of these rows' items in one batch.
        await expansion.ExtendAsync(Small with { Batches = 1, BatchSeconds = 1e9, MicroBatchSeconds = 1e9 }, () => true, CancellationToken.None);
        Assert.Null(expansion.Unfinished);
    }

    private static async Task<SweepExpansion> BeginAsync(MemorySweepStore store, ResolvedPlan resolved, Action<IReadOnlyList<JobBatch>>? written = null)
    {
        var expansion = new SweepExpansion(store, Id, Plans.Plan, resolved, written: written);
        await expansion.ResumeAsync(CancellationToken.None);
        return expansion;
    }

    private static BatchSizing Small { get; } = new()
    {
        Batches = 3,
        BatchSeconds = 1,
        MicroBatchSeconds = 1,
        MultiplyAddsPerSecond = [1],
        MaxRowTokens = 1,
        MinimumRows = 1,
        MaxRowsPerBatch = 2,
    };

    private static async Task AssertWholeAsync(MemorySweepStore store, ResolvedPlan resolved)
    {
        var expected = PlanExpander.Jobs(Plans.Plan, resolved).ToList();
        Assert.Equal(expected.Select(job => (job.Job.Id, job.Benchmark)), (await store.ListJobsAsync(Id, CancellationToken.None)).Select(job => (job.Job.Id, job.Benchmark)));
        var pairs = new List<(JobId, string)>();
        foreach (var record in store.Batches)
        {
            var batch = await store.LoadBatchAsync(record.Id, CancellationToken.None);
            pairs.AddRange(
                from micro in batch.MicroBatches
                from job in batch.Jobs.Skip(micro.FirstJob).Take(micro.JobCount)
                from item in batch.ItemIds.Skip(micro.FirstItem).Take(micro.ItemCount)
                select (job.Id, item));
        }

        Assert.Equal(pairs.Count, pairs.Distinct().Count());
        Assert.Equal(expected.SelectMany(job => resolved.Benchmarks[job.Benchmark].Items, (job, item) => (job.Job.Id, item.Id)).ToHashSet(), pairs.ToHashSet());
    }
}
