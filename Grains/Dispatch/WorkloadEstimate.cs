using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;

namespace Sweep.Grains.Dispatch;

/// <summary>What a resolved plan asks for, before anything runs.</summary>
public sealed record WorkloadEstimate
{
    public required int Jobs { get; init; }

    public required int Batches { get; init; }

    public required int MicroBatches { get; init; }

    /// <summary>(job, item) pairs to run; those that the ledger holds are left out by whole jobs.</summary>
    public required long Rows { get; init; }

    /// <summary>Pairs of jobs that the ledger holds on all their items.</summary>
    public required long RowsRecorded { get; init; }

    /// <summary>Multiply-adds in the blocks, the layers below each fork once an item.</summary>
    public required double MultiplyAdds { get; init; }

    /// <summary>Multiply-adds in the blocks if every job ran by itself.</summary>
    public required double MultiplyAddsAlone { get; init; }

    /// <summary>At the assumed speed of one device.</summary>
    public required double Seconds { get; init; }

    /// <summary>Share of the work that shared prefixes save, 0..1.</summary>
    public double SavedShare => MultiplyAddsAlone > 0 ? Math.Max(0, 1 - MultiplyAdds / MultiplyAddsAlone) : 0;

    /// <param name="isRecorded">Whether the ledger holds a job on all items of its benchmark (by index); null: nothing is recorded.</param>
    public static WorkloadEstimate Of(SweepPlan plan, ResolvedPlan resolved, BatchPlannerOptions options, Func<JobId, int, bool>? isRecorded = null)
    {
        var planner = new BatchPlanner("estimate", resolved, options);
        int jobs = 0, batches = 0, microBatches = 0;
        long rows = 0, recorded = 0;
        double work = 0, alone = 0;
        foreach (var section in SweepSection.Enumerate(plan, resolved))
        {
            var model = resolved.Models[section.Model];
            var benchmark = resolved.Benchmarks[section.Benchmark];
            bool IsRecorded(JobId job) => isRecorded?.Invoke(job, section.Benchmark) == true;
            var items = benchmark.Items.ToDictionary(item => item.Id, StringComparer.Ordinal);
            var rowOf = section.Rows.SelectMany(row => row.Jobs, (row, job) => (row, job.Job.Id)).ToDictionary(pair => pair.Id, pair => pair.row);
            jobs += rowOf.Count;
            recorded += rowOf.Keys.LongCount(IsRecorded) * items.Count;
            foreach (var batch in planner.Plan(section, IsRecorded))
            {
                batches++;
                var cost = new WorkCost(model, benchmark, section.Model, batch.Jobs.Min(job => rowOf[job.Id].Fork));
                foreach (var microBatch in batch.MicroBatches)
                {
                    microBatches++;
                    rows += (long)microBatch.ItemCount * microBatch.JobCount;
                    var inIt = batch.Jobs.Skip(microBatch.FirstJob).Take(microBatch.JobCount).Select(job => rowOf[job.Id]).Distinct().ToList();
                    foreach (var item in batch.ItemIds.Skip(microBatch.FirstItem).Take(microBatch.ItemCount).Select(id => items[id]))
                    {
                        work += cost.Shared(item);
                        foreach (var row in inIt)
                        {
                            work += cost.Row(item, row);
                            alone += cost.Alone(item, row);
                        }
                    }
                }
            }
        }

        return new WorkloadEstimate
        {
            Jobs = jobs,
            Batches = batches,
            MicroBatches = microBatches,
            Rows = rows,
            RowsRecorded = recorded,
            MultiplyAdds = work,
            MultiplyAddsAlone = alone,
            Seconds = work / options.MultiplyAddsPerSecond,
        };
    }
}
