using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Grains.Tests.Cluster;

/// <summary>Work without tensors: rows come at once unless a test steps in.</summary>
internal sealed class StubWork(ResolvedPlan resolved)
{
    /// <summary>Called before each micro-batch that has rows left: (silo, batch, index).</summary>
    public Func<string, JobBatch, int, CancellationToken, Task> BeforeMicroBatch { get; set; } = (_, _, _, _) => Task.CompletedTask;

    /// <summary>What a plan resolves to.</summary>
    public Func<SweepPlan, ResolvedPlan> Resolve { get; set; } = _ => resolved;

    public Func<Task> BeforeResolve { get; set; } = () => Task.CompletedTask;

    public ConcurrentDictionary<string, int> MicroBatchesBySilo { get; } = new();

    public int Resolutions;

    public IJobRunnerFactory Runners(string silo) => new Factory(this, silo);

    public IPlanResolver Resolver => new ResolverStub(this);

    public ISweepSummarizer Summarizer { get; } = new SummarizerStub();

    private sealed class Factory(StubWork work, string silo) : IJobRunnerFactory
    {
        public IJobRunner Create(string device) => new Runner(work, silo);
    }

    private sealed class Runner(StubWork work, string silo) : IJobRunner
    {
        public string? ResidentModel { get; private set; }

        public async IAsyncEnumerable<MicroBatchResult> RunAsync(
            JobBatch batch, IReadOnlySet<(JobId Job, string Item)> recorded, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            ResidentModel = batch.Jobs[0].Identity.WeightsHash;
            for (var index = 0; index < batch.MicroBatches.Count; index++)
            {
                var microBatch = batch.MicroBatches[index];
                var rows = (from job in batch.Jobs.Skip(microBatch.FirstJob).Take(microBatch.JobCount)
                            from item in batch.ItemIds.Skip(microBatch.FirstItem).Take(microBatch.ItemCount)
                            where !recorded.Contains((job.Id, item))
                            select new ItemResult { JobId = job.Id, ItemId = item, PromptHash = "p", Receipt = new ReceiptRow { PositionsTouched = 1 } }).ToList();
                if (rows.Count == 0)
                    continue;
                await work.BeforeMicroBatch(silo, batch, index, cancellationToken);
                work.MicroBatchesBySilo.AddOrUpdate(silo, 1, (_, count) => count + 1);
                yield return new MicroBatchResult { Index = index, Rows = rows, Tokens = rows.Count, DeviceSeconds = 0.01 };
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class ResolverStub(StubWork work) : IPlanResolver
    {
        public async Task<ResolvedPlan> ResolveAsync(SweepPlan plan, bool calibrate, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref work.Resolutions);
            await work.BeforeResolve();
            return work.Resolve(plan);
        }
    }

    private sealed class SummarizerStub : ISweepSummarizer
    {
        public Task<SweepSummary> SummarizeAsync(string sweepId, CancellationToken cancellationToken) =>
            Task.FromResult(new SweepSummary { SweepId = sweepId, Name = "test", Rows = [], Cells = [] });
    }
}
