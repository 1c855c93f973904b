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
        var cutter = BatchCutter.Start(plan, resolved);
        var sizer = new BatchSizer(options);
        var speeds = resolved.Models.Select(_ => (double?)options.MultiplyAddsPerSecond).ToArray();
        int jobs = 0, batches = 0, microBatches = 0;
        long rows = 0, recorded = 0;
        double work = 0, alone = 0;
        CutRange? range = null;
        while (!cutter.IsAtEnd)
        {
            foreach (var cut in cutter.Cut(sizer.Next(cutter.WorkLeft, cutter.Model, speeds, new DeviceSupply(Workers: 1))))
            {
                var benchmark = cut.Range.Section.Benchmark;
                if (range != cut.Range)
                {
                    range?.Release();
                    range = cut.Range;
                    jobs += range.JobCount;
                    recorded += range.Jobs.SelectMany(ofRow => ofRow).LongCount(job => isRecorded?.Invoke(job.Job.Id, benchmark) == true) * resolved.Benchmarks[benchmark].Items.Count;
                }

                if (cut.Build("estimate", cut.Number, job => isRecorded?.Invoke(job, benchmark) == true) is not { } batch)
                    continue;
                batches++;
                microBatches += batch.MicroBatches.Count;
                rows += batch.Rows;
                alone += cut.Items.Sum(one => cut.Range.Rows.Sum(row => cut.Cost.Alone(one, row)));
                var item = 0;
                foreach (var slice in cut.Slices)
                {
                    var parts = (cut.Range.Rows.Count + slice.RowsPerPart - 1) / slice.RowsPerPart;
                    for (var end = item + slice.ItemCount; item < end; item++)
                        work += parts * cut.Cost.Shared(cut.Items[item]) + cut.Cost.Rows(cut.Items[item], cut.Range.Counts);
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
