using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Execution.Planning;
using Sweep.Execution.Planning.Search;
using Sweep.Grains.Dispatch;

namespace Sweep.Hosting.Planning;

/// <summary>Estimates where the plan's files can be read; what `sweep plan --no-calibrate` prints.</summary>
internal sealed class PlanEstimator(IPlanResolver resolver, ISweepStore store) : IPlanEstimator
{
    private const double UsualDiscordance = 0.25;

    public async Task<PlanEstimate> EstimateAsync(SweepPlan plan, CancellationToken cancellationToken)
    {
        var grid = await resolver.ResolveAsync(plan with { Search = null }, calibrate: false, cancellationToken);
        var search = PlannedSearch.Of(plan, grid);
        var resolved = search?.Frozen ?? grid;
        var recorded = await RecordedAsync(plan, resolved, cancellationToken);
        var work = WorkloadEstimate.Of(plan, resolved, EmbeddedSweep.PlannerOptions(), (job, benchmark) => recorded.Contains((job, benchmark)));
        var power = PlanPower.Of(grid);
        return new PlanEstimate
        {
            Jobs = work.Jobs,
            Batches = work.Batches,
            Rows = work.Rows,
            RowsRecorded = work.RowsRecorded,
            SavedShare = work.SavedShare,
            Seconds = work.Seconds,
            IsUpperBound = search is not null,
            Power =
            [
                .. power.Benchmarks.Select(one => new DetectableEffect
                {
                    Benchmark = one.Name,
                    Items = one.Items,
                    Groups = one.Groups,
                    Least = one.LeastEffect,
                    Usual = one.Effects.FirstOrDefault(effect => effect.Discordance == UsualDiscordance)?.Effect,
                }),
            ],
            SmallestRankP = power.Ranks?.SmallestP,
        };
    }

    private async Task<HashSet<(JobId Job, int Benchmark)>> RecordedAsync(SweepPlan plan, ResolvedPlan resolved, CancellationToken cancellationToken)
    {
        var recorded = new HashSet<(JobId, int)>();
        foreach (var ofBenchmark in PlanExpander.Jobs(plan, resolved).GroupBy(pair => pair.Benchmark, pair => pair.Job.Id))
        {
            var items = resolved.Benchmarks[ofBenchmark.Key].Items.Select(item => item.Id).ToArray();
            var counts = await store.CountRecordedAsync([.. ofBenchmark], items, cancellationToken);
            recorded.UnionWith(counts.Where(pair => pair.Value >= items.Length).Select(pair => (pair.Key, ofBenchmark.Key)));
        }

        return recorded;
    }
}
