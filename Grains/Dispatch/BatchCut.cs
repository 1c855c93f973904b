using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Dispatch;

/// <summary>A batch as a rectangle of rows × items; its jobs are made when they are needed.</summary>
internal sealed class BatchCut
{
    public required int Number { get; init; }

    public required CutRange Range { get; init; }

    public required ArraySegment<ResolvedItem> Items { get; init; }

    public required IReadOnlyList<CutSlice> Slices { get; init; }

    /// <summary>Estimated multiply-adds.</summary>
    public required double Work { get; init; }

    public required WorkCost Cost { get; init; }

    /// <summary>(job, item) pairs.</summary>
    public int Pairs => Range.JobCount * Items.Count;

    /// <summary>The batch without the jobs that the ledger holds on all items of their benchmark; null where nothing is left.</summary>
    public JobBatch? Build(string sweepId, int number, Func<JobId, bool> isRecorded)
    {
        if (Items.Count == 0)
            return null;
        var jobs = new List<JobSpec>();
        var jobsBefore = new int[Range.Rows.Count + 1];
        var row = 0;
        foreach (var ofRow in Range.Jobs)
        {
            jobs.AddRange(ofRow.Select(job => job.Job).Where(job => !isRecorded(job.Id)));
            jobsBefore[++row] = jobs.Count;
        }

        if (jobs.Count == 0)
            return null;
        var microBatches = new List<MicroBatch>();
        var firstItem = 0;
        foreach (var slice in Slices)
        {
            for (row = 0; row < Range.Rows.Count; row += slice.RowsPerPart)
            {
                var firstJob = jobsBefore[row];
                var jobCount = jobsBefore[Math.Min(row + slice.RowsPerPart, Range.Rows.Count)] - firstJob;
                if (jobCount > 0)
                    microBatches.Add(new MicroBatch { FirstItem = firstItem, ItemCount = slice.ItemCount, FirstJob = firstJob, JobCount = jobCount });
            }

            firstItem += slice.ItemCount;
        }

        return new JobBatch { Id = BatchIds.Of(sweepId, number), SweepId = sweepId, Jobs = jobs, ItemIds = [.. Items.Select(item => item.Id)], MicroBatches = microBatches };
    }
}

/// <summary>Some items with all rows of the batch, as one micro-batch for every <paramref name="RowsPerPart"/> rows.</summary>
internal readonly record struct CutSlice(int ItemCount, int RowsPerPart, double Work);

/// <summary>Rows that stay together over all their items, one batch or more.</summary>
internal sealed class CutRange(SweepSection section, ArraySegment<SectionRow> rows)
{
    private IReadOnlyList<SweepJob>[]? _jobs;

    public SweepSection Section => section;

    public ArraySegment<SectionRow> Rows => rows;

    public RowCounts Counts { get; } = RowCounts.Of(rows);

    public int JobCount => rows.Sum(row => row.Measures.Count);

    /// <summary>Of every row, made when they are asked for and kept until <see cref="Release"/>.</summary>
    public IReadOnlyList<IReadOnlyList<SweepJob>> Jobs => _jobs ??= [.. rows.Select(row => section.JobsOf(row).ToArray())];

    /// <summary>Those that the ledger holds on all their items; null: not asked yet.</summary>
    public IReadOnlySet<JobId>? Recorded { get; set; }

    public void Release() => _jobs = null;
}
