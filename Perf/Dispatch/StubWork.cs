using System.Runtime.CompilerServices;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Perf.Dispatch;

/// <summary>Runners that only wait, and give rows of full width: everything around the work is real.</summary>
internal sealed class StubWork : IJobRunnerFactory, IPlanResolver, ISweepSummarizer
{
    private static readonly byte[] Response = "an answer of a usual length"u8.ToArray();

    public IJobRunner Create(string device) => new Runner();

    public Task<ResolvedPlan> ResolveAsync(SweepPlan plan, bool calibrate, CancellationToken cancellationToken) =>
        Task.FromResult(StubPlan.Resolve(StubSweep.OfName(plan.Name)));

    public Task<SweepSummary> SummarizeAsync(string sweepId, CancellationToken cancellationToken) =>
        Task.FromResult(new SweepSummary { SweepId = sweepId, Name = "stub", Rows = [], Cells = [] });

    private sealed class Runner : IJobRunner
    {
        public string? ResidentModel { get; private set; }

        public async IAsyncEnumerable<MicroBatchResult> RunAsync(
            JobBatch batch, IReadOnlySet<(JobId Job, string Item)> recorded, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            ResidentModel = batch.Jobs[0].Identity.WeightsHash;
            var sweep = StubSweep.OfWeights(ResidentModel);
            for (var index = 0; index < batch.MicroBatches.Count; index++)
            {
                var micro = batch.MicroBatches[index];
                var rows = new List<ItemResult>(micro.JobCount * micro.ItemCount);
                for (var job = micro.FirstJob; job < micro.FirstJob + micro.JobCount; job++)
                {
                    for (var item = micro.FirstItem; item < micro.FirstItem + micro.ItemCount; item++)
                    {
                        if (!recorded.Contains((batch.Jobs[job].Id, batch.ItemIds[item])))
                            rows.Add(Row(batch.Jobs[job].Id, batch.ItemIds[item]));
                    }
                }

                if (rows.Count == 0)
                    continue;
                var work = sweep.Work * rows.Count / sweep.Items;
                if (work > TimeSpan.Zero)
                    await Task.Delay(work, cancellationToken);
                yield return new MicroBatchResult { Index = index, Rows = rows, Tokens = rows.Count * 104L, DeviceSeconds = work.TotalSeconds };
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        /// <summary>-3 to -4, another one for each job.</summary>
        private static double LogLikelihood(JobId job) => -3 - (Convert.ToInt32(job.Value[..4], 16) / 65536.0);

        private static ItemResult Row(JobId job, string item) => new()
        {
            JobId = job,
            ItemId = item,
            PromptHash = "0123456789abcdef",
            Response = Response,
            Metrics = new Dictionary<string, double> { ["em"] = 0, ["f1"] = 0.4 },
            LogLikelihood = LogLikelihood(job),
            LogLikelihoodTokens = 4,
            GoldLogLikelihoods = [LogLikelihood(job), -4.5],
            Receipt = new ReceiptRow { PositionsTouched = 104, OnTargetMinimum = 0.5, OnTargetMaximum = 0.5, OffTargetDeviation = 0, RelativeChange = 0.1, NextTokenKl = 0.02 },
        };
    }
}
