using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Dispatch;

/// <summary>Writes a sweep's jobs and batches to the store in chunks. Doing it again, from the start or beside another, leaves the same rows.</summary>
internal sealed class SweepExpansion(ISweepStore store, BatchPlannerOptions planning, int chunk = SweepExpansion.MaxChunk)
{
    /// <summary>Most jobs of one call to the store.</summary>
    public const int MaxChunk = 5_000;

    /// <summary>Most (job, item) pairs of the batches of one call to the store.</summary>
    private const int MaxBatchRows = 200_000;

    /// <summary>Why a sweep of this size is refused, or null.</summary>
    public static string? Refusal(SweepPlan plan, ResolvedPlan resolved, int maxJobs)
    {
        var jobs = SweepSection.CountAtMost(resolved);
        if (jobs > maxJobs)
            return $"the plan has {jobs} jobs, at most {maxJobs} are allowed (Sweep:Dispatch:MaxJobs)";
        return plan.Budget.Jobs is { } budget && jobs > budget ? $"the plan has {jobs} jobs, its budget allows {budget} (budget.jobs)" : null;
    }

    /// <summary>
    /// Expands until the end, or until <paramref name="mayGoOn"/> says no between two chunks; then false.
    /// </summary>
    public Task<bool> RunAsync(string sweepId, SweepPlan plan, ResolvedPlan resolved, Func<bool> mayGoOn, CancellationToken cancellationToken) =>
        RunAsync(sweepId, plan, resolved, addJobs: true, firstNumber: 0, mayGoOn, cancellationToken);

    /// <summary>
    /// Adds batches for what the ledger lacks once all batches are done: nothing, unless an expansion was interrupted and taken up with other options.
    /// </summary>
    /// <param name="firstNumber">Above every number in use.</param>
    public Task<bool> RepairAsync(string sweepId, SweepPlan plan, ResolvedPlan resolved, int firstNumber, Func<bool> mayGoOn, CancellationToken cancellationToken) =>
        RunAsync(sweepId, plan, resolved, addJobs: false, firstNumber, mayGoOn, cancellationToken);

    private async Task<bool> RunAsync(
        string sweepId, SweepPlan plan, ResolvedPlan resolved, bool addJobs, int firstNumber, Func<bool> mayGoOn, CancellationToken cancellationToken)
    {
        var planner = new BatchPlanner(sweepId, resolved, planning, firstNumber);
        foreach (var section in SweepSection.Enumerate(plan, resolved))
        {
            IReadOnlyList<string> items = [.. resolved.Benchmarks[section.Benchmark].Items.Select(item => item.Id)];
            var recorded = new HashSet<JobId>();
            foreach (var jobs in section.Jobs().Chunk(chunk))
            {
                if (!mayGoOn())
                    return false;
                if (addJobs)
                    await store.AddJobsAsync(sweepId, jobs, cancellationToken);
                var counts = await store.CountRecordedAsync([.. jobs.Select(job => job.Job.Id)], items, cancellationToken);
                recorded.UnionWith(counts.Where(pair => pair.Value >= items.Count).Select(pair => pair.Key));
            }

            var batches = new List<Contracts.Dispatch.JobBatch>();
            var rows = 0L;
            foreach (var batch in planner.Plan(section, recorded.Contains))
            {
                batches.Add(batch);
                rows += (long)batch.Jobs.Count * batch.ItemIds.Count;
                if (rows < MaxBatchRows)
                    continue;
                if (!mayGoOn())
                    return false;
                await store.AddBatchesAsync(batches, cancellationToken);
                batches = [];
                rows = 0;
            }

            if (!mayGoOn())
                return false;
            if (batches.Count > 0)
                await store.AddBatchesAsync(batches, cancellationToken);
        }

        return true;
    }

    /// <summary>Jobs and (job, item) pairs of a sweep.</summary>
    public static async Task<(int Jobs, long Rows)> CountAsync(SweepPlan plan, ResolvedPlan resolved)
    {
        var jobs = 0;
        var rows = 0L;
        foreach (var section in SweepSection.Enumerate(plan, resolved))
        {
            foreach (var alike in section.Rows.GroupBy(row => string.Join(',', row.Elsewhere)))
            {
                var elsewhere = alike.First().Elsewhere.SelectMany(index => resolved.Benchmarks[index].Items).Select(item => item.Id).ToHashSet(StringComparer.Ordinal);
                var count = alike.Sum(row => row.Jobs.Count);
                jobs += count;
                rows += (long)count * resolved.Benchmarks[section.Benchmark].Items.Count(item => !elsewhere.Contains(item.Id));
            }

            await Task.Yield();
        }

        return (jobs, rows);
    }
}
