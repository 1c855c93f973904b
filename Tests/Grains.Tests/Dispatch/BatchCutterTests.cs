using System.Text.Json;
using CsCheck;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Grains.Dispatch;
using Xunit;

namespace Sweep.Grains.Tests.Dispatch;

public sealed class BatchCutterTests
{
    /// <summary>Small budgets, so that random plans are really cut.</summary>
    private static readonly Gen<BatchPlannerOptions> SmallOptions =
        from speed in Gen.Double[1e5, 1e9]
        from rowTokens in Gen.Int[1, 4000]
        from minimumRows in Gen.Int[1, 16]
        from maxRows in Gen.Int[1, 20]
        select new BatchPlannerOptions { MultiplyAddsPerSecond = speed, MaxRowTokens = rowTokens, MinimumRows = minimumRows, MaxRowsPerBatch = maxRows };

    [Fact]
    public void Cut_OfRandomPlans_HoldsEveryPairInExactlyOneMicroBatch() =>
        Gen.Select(Plans.Random, SmallOptions).Sample((resolved, options) =>
        {
            var pairs = Pairs(PlanAll(resolved, options)).ToList();
            var expected = PlanExpander.Jobs(Plans.Plan, resolved)
                .SelectMany(job => resolved.Benchmarks[job.Benchmark].Items, (job, item) => (job.Job.Id, item.Id))
                .ToHashSet();
            Assert.Equal(pairs.Count, pairs.Distinct().Count());
            Assert.Equal(expected, pairs.ToHashSet());
        }, iter: 200);

    [Fact]
    public void Cut_Twice_IsTheSame() =>
        Gen.Select(Plans.Random, SmallOptions).Sample((resolved, options) =>
            Assert.Equal(JsonSerializer.Serialize(PlanAll(resolved, options), SweepJson.Options), JsonSerializer.Serialize(PlanAll(resolved, options), SweepJson.Options)), iter: 30);

    [Fact]
    public void Cut_OfRandomPlans_KeepsTheBudgets() =>
        Gen.Select(Plans.Random, SmallOptions).Sample((resolved, options) =>
        {
            var items = resolved.Benchmarks.SelectMany(benchmark => benchmark.Items).GroupBy(item => item.Id).ToDictionary(group => group.Key, group => group.First());
            foreach (var batch in PlanAll(resolved, options))
            {
                Assert.True(batch.Jobs.Select(job => Key(job)).Distinct().Count() <= options.MaxRowsPerBatch + 1, "rows of a batch");
                foreach (var microBatch in batch.MicroBatches)
                {
                    var jobs = batch.Jobs.Skip(microBatch.FirstJob).Take(microBatch.JobCount).ToList();
                    var rows = jobs.Select(Key).Distinct().Count();
                    var gold = jobs.Any(job => job.Identity.Measure == Measure.LogLikelihood);
                    var longest = batch.ItemIds.Skip(microBatch.FirstItem).Take(microBatch.ItemCount).Max(id => items[id].PromptTokens[0] + (gold ? items[id].GoldTokens[0] : 0));
                    Assert.True(rows == 1 && microBatch.ItemCount == 1 || (long)rows * microBatch.ItemCount * longest <= options.MaxRowTokens, $"{rows} rows x {microBatch.ItemCount} items x {longest} tokens > {options.MaxRowTokens}");
                }

                var lengths = batch.ItemIds.Select(id => items[id].PromptTokens[0]).ToList();
                Assert.Equal(lengths.OrderDescending(), lengths);
            }
        }, iter: 200);

    [Fact]
    public void Cut_OfRandomPlans_GivesABatchOneModelOneBenchmarkAndOneFork() =>
        Gen.Select(Plans.Random, SmallOptions).Sample((resolved, options) =>
        {
            foreach (var batch in PlanAll(resolved, options))
            {
                Assert.Single(batch.Jobs.Select(job => (job.Identity.WeightsHash, job.Identity.DataHash)).Distinct());
                Assert.True(batch.Jobs.Where(job => job.Identity.Interventions.Count > 0).Select(job => ForkPoint.Of(job.Identity.Interventions)).Distinct().Count() <= 1);
                var runs = batch.Jobs.Select(Key).ToList();
                Assert.Equal(runs.Distinct().Count(), 1 + runs.Skip(1).Zip(runs).Count(pair => pair.First != pair.Second));
            }
        }, iter: 100);

    [Fact]
    public void Cut_WithRecordedJobs_LeavesThemOutAndKeepsTheNumbersOfTheRest() =>
        Gen.Select(Plans.Random, SmallOptions, Gen.Int[2, 4]).Sample((resolved, options, every) =>
        {
            bool IsRecorded(JobId job) => Convert.ToInt32(job.Value[..4], 16) % every == 0;
            var whole = PlanAll(resolved, options).ToDictionary(batch => batch.Id, batch => Pairs([batch]).ToHashSet());
            foreach (var batch in PlanAll(resolved, options, IsRecorded))
            {
                var pairs = Pairs([batch]).ToList();
                Assert.NotEmpty(pairs);
                Assert.Equal(whole[batch.Id].Where(pair => !IsRecorded(pair.Job)).ToHashSet(), pairs.ToHashSet());
                whole.Remove(batch.Id);
            }

            Assert.All(whole.Values.SelectMany(pairs => pairs), pair => Assert.True(IsRecorded(pair.Job)));
        }, iter: 100);

    [Fact]
    public void Cut_OfABottleneckAndItsControls_PacksThemTogetherWithTheBaselineAndAllMeasures()
    {
        var resolved = new ResolvedPlan
        {
            NumericsId = "cpu/1",
            Models = [Plans.Model(0)],
            Benchmarks = [Plans.Benchmark("b", "squad", "data", [Measure.LogLikelihood, Measure.Generation], items: 10)],
            Bottlenecks = [.. Enumerable.Range(-1, 5).Select(control => Plans.Bottleneck(0, "n", control, layer: 3, "MixerOutput", scalars: 2))],
        };

        var batch = Assert.Single(PlanAll(resolved, new BatchPlannerOptions { MinimumBatches = 1 }));

        Assert.Equal(2 * (1 + 5 * 2), batch.Jobs.Count);
        var microBatch = Assert.Single(batch.MicroBatches);
        Assert.Equal(new MicroBatch { FirstItem = 0, ItemCount = 10, FirstJob = 0, JobCount = 22 }, microBatch);
        Assert.Equal([Measure.LogLikelihood, Measure.Generation], batch.Jobs.Take(2).Select(job => job.Identity.Measure));
        Assert.Empty(batch.Jobs[0].Identity.Interventions);
        Assert.Equal(0, batch.Jobs[2].Identity.Interventions[0].Scalar);
        Assert.Equal("sweep-a/000000", batch.Id);
    }

    [Fact]
    public void Sections_OfRandomPlans_HoldTheJobsOfTheExpanderInItsOrder() =>
        Plans.Random.Sample(resolved =>
        {
            var jobs = SweepSection.Enumerate(Plans.Plan, resolved).SelectMany(section => section.Jobs()).ToList();
            Assert.Equal(PlanExpander.Jobs(Plans.Plan, resolved).Select(pair => (pair.Job.Id, pair.Benchmark)), jobs.Select(job => (job.Job.Id, job.Benchmark)));
            Assert.Equal(Enumerable.Range(0, jobs.Count), jobs.Select(job => job.Ordinal));
            Assert.True(SweepSection.CountAtMost(resolved) >= jobs.Count);
        }, iter: 100);

    [Fact]
    public void Cut_OfRandomPlans_IsNextSizedByWhatIsLeft() =>
        Gen.Select(Plans.Random, SmallOptions, Gen.Int[1, 20]).Sample((resolved, options, workers) =>
        {
            var cutter = BatchCutter.Start(Plans.Plan, resolved);
            var sizer = new BatchSizer(options);
            var speeds = resolved.Models.Select(_ => (double?)options.MultiplyAddsPerSecond).ToArray();
            var last = double.PositiveInfinity;
            while (!cutter.IsAtEnd)
            {
                Assert.All(cutter.WorkLeft, work => Assert.True(work >= 0));
                var sizing = sizer.Next(cutter.WorkLeft, cutter.Model, speeds, new DeviceSupply(workers));
                Assert.InRange(sizing.BatchSeconds, 1, options.TargetBatchSeconds);
                // Of later sections only an estimate is known.
                if (resolved.Models.Count * resolved.Benchmarks.Count == 1)
                    Assert.True(sizing.BatchSeconds <= last * (1 + 1e-9), "batches grow towards the end");
                last = sizing.BatchSeconds;
                Assert.NotEmpty(cutter.Cut(sizing));
            }

            Assert.All(cutter.WorkLeft, work => Assert.Equal(0, work));
        }, iter: 100);

    internal static List<JobBatch> PlanAll(ResolvedPlan resolved, BatchPlannerOptions options, Func<JobId, bool>? isRecorded = null)
    {
        var cutter = BatchCutter.Start(Plans.Plan, resolved);
        var sizer = new BatchSizer(options);
        var speeds = resolved.Models.Select(_ => (double?)options.MultiplyAddsPerSecond).ToArray();
        var batches = new List<JobBatch>();
        while (!cutter.IsAtEnd)
        {
            batches.AddRange(cutter.Cut(sizer.Next(cutter.WorkLeft, cutter.Model, speeds, new DeviceSupply(Workers: 1)))
                .Select(cut => cut.Build("sweep-a", cut.Number, isRecorded ?? (_ => false))).OfType<JobBatch>());
        }

        return batches;
    }

    private static IEnumerable<(JobId Job, string Item)> Pairs(IEnumerable<JobBatch> batches) =>
        from batch in batches
        from microBatch in batch.MicroBatches
        from job in batch.Jobs.Skip(microBatch.FirstJob).Take(microBatch.JobCount)
        from item in batch.ItemIds.Skip(microBatch.FirstItem).Take(microBatch.ItemCount)
        select (job.Id, item);

    private static string Key(JobSpec job) => JsonSerializer.Serialize(job.Identity.Interventions, SweepJson.Options);
}
