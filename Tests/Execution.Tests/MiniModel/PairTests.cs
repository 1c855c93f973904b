using Sweep.Contracts.Plans;
using Sweep.Execution.Residency;
using Sweep.Execution.Tests.Stubs;

namespace Sweep.Execution.Tests.MiniModel;

/// <summary>The way of pairs on a real model, with a device of CUDA's name that computes on the processor, where the unsteered row has the same bits in any company.</summary>
public sealed class PairTests : IDisposable
{
    private readonly MiniWorkbench _bench = new(device: "cuda:0", loader: new ProcessorLoader());

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(5, 100)]
    [InlineData(2, 3)]
    public async Task RunAsync_WhateverTheMicroBatches_PairsAreTheBaselinesOfTheirItems(int items, int jobs)
    {
        var plan = MiniWorkbench.Plan with
        {
            Benchmarks =
            [
                new BenchmarkPlan { Name = "triviaqa", Data = "benchmarks/mini/triviaqa.json", Items = 5 },
                new BenchmarkPlan { Name = "text", Data = "benchmarks/mini/text.jsonl", Items = 5 },
            ],
            Scalars = [0.05, 3],
            Controls = new ControlsPlan { Random = 1 },
        };
        var resolved = await _bench.ResolveAsync(plan);
        Assert.Equal("cuda/5", resolved.NumericsId);
        var pairs = 0;
        for (var benchmark = 0; benchmark < 2; benchmark++)
        {
            var batch = Workbench.Batch(plan, resolved, benchmark, items, jobs);
            var identities = batch.Jobs.ToDictionary(job => job.Id, job => job.Identity);
            var rows = await _bench.RunAsync(batch, "cuda:0");
            var baselines = rows.Where(row => identities[row.JobId].Interventions.Count == 0).ToDictionary(row => (identities[row.JobId].Measure, row.ItemId));
            Assert.All(baselines.Values, row => Assert.Null(row.Pair));
            foreach (var row in rows.Except(baselines.Values))
            {
                var baseline = baselines[(identities[row.JobId].Measure, row.ItemId)];
                Assert.Equal(baseline.LogLikelihood, row.Pair!.LogLikelihood);
                Assert.Equal(baseline.Metrics, row.Pair.Metrics);
                pairs++;
            }
        }

        // Four steered rows on five items: two measures of questions, one of text.
        Assert.Equal(4 * 5 * (2 + 1), pairs);
    }

    private sealed class ProcessorLoader : IModelLoader
    {
        private readonly ModelLoader _real = new();

        public ModelFacts Inspect(string folder) => _real.Inspect(folder);

        public IResidentModel Load(string folder, string precision, string device) => _real.Load(folder, precision, "cpu:0");
    }
}
