using System.Globalization;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;

namespace Sweep.Grains.Dispatch;

/// <summary>
/// Packs a sweep's jobs into batches that share model, benchmark and fork, and batches into micro-batches of bounded work and memory. A function of the plan, its
/// resolution and the options: a batch's number always names the same rectangle of work, from which jobs that are wholly recorded are left out.
/// </summary>
internal sealed class BatchPlanner
{
    private readonly string _sweepId;
    private readonly ResolvedPlan _resolved;
    private readonly BatchPlannerOptions _options;
    private readonly double _batchWork;
    private readonly double _microBatchWork;
    private int _number;

    /// <param name="firstNumber">Number of the first batch; batches that are left out use theirs up.</param>
    public BatchPlanner(string sweepId, ResolvedPlan resolved, BatchPlannerOptions options, int firstNumber = 0)
    {
        _sweepId = sweepId;
        _resolved = resolved;
        _options = options;
        _number = firstNumber;
        _microBatchWork = options.TargetMicroBatchSeconds * options.MultiplyAddsPerSecond;
        _batchWork = Math.Clamp(RoughWork(resolved) / options.MinimumBatches, _microBatchWork, Math.Max(_microBatchWork, options.TargetBatchSeconds * options.MultiplyAddsPerSecond));
    }

    /// <summary>"SWEEP/NUMBER", padded so that ordinal order is numeric order.</summary>
    public static string BatchId(string sweepId, int number) => string.Create(CultureInfo.InvariantCulture, $"{sweepId}/{number:D6}");

    /// <summary>The number in a batch's id.</summary>
    public static int Number(string batchId) => int.Parse(batchId.AsSpan(batchId.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>
    /// The section's batches. <paramref name="isRecorded"/> says whether the ledger holds a job on all items of its benchmark. Sections are to be given in their order.
    /// </summary>
    public IEnumerable<JobBatch> Plan(SweepSection section, Func<JobId, bool> isRecorded)
    {
        foreach (var group in Groups(section))
        {
            var cost = new WorkCost(_resolved.Models[section.Model], _resolved.Benchmarks[section.Benchmark], section.Model, group[0].Rows.Min(row => row.Fork));
            foreach (var block in group)
            {
                foreach (var slices in Pack(block, cost))
                {
                    var batch = Build(block, slices, isRecorded);
                    if (batch is not null)
                        yield return batch;
                }
            }
        }
    }

    /// <summary>Rows of one fork, cut into blocks of whole families; the baseline, whose pass every group makes anyway, joins the first.</summary>
    private IEnumerable<IReadOnlyList<RowBlock>> Groups(SweepSection section)
    {
        var benchmark = _resolved.Benchmarks[section.Benchmark];
        foreach (var alike in section.Rows.GroupBy(row => string.Join(',', row.Elsewhere)))
        {
            var covered = alike.First().Elsewhere.SelectMany(index => _resolved.Benchmarks[index].Items).Select(item => item.Id).ToHashSet(StringComparer.Ordinal);
            var tokens = new WorkCost(_resolved.Models[section.Model], benchmark, section.Model, ForkPoint.None);
            ResolvedItem[] items = [.. benchmark.Items.Where(item => !covered.Contains(item.Id)).OrderByDescending(tokens.Prefill)];
            if (items.Length == 0)
                continue;
            var baseline = alike.Where(row => row.Fork == ForkPoint.None).ToList();
            foreach (var fork in alike.Where(row => row.Fork != ForkPoint.None).GroupBy(row => row.Fork))
            {
                var first = baseline;
                yield return [.. Blocks(fork, _options.MaxRowsPerBatch).Select((rows, index) => new RowBlock(index == 0 ? [.. first, .. rows] : rows, items))];
                baseline = [];
            }

            if (baseline.Count > 0)
                yield return [new RowBlock(baseline, items)];
        }
    }

    private static IEnumerable<List<SectionRow>> Blocks(IEnumerable<SectionRow> rows, int most)
    {
        var block = new List<SectionRow>();
        foreach (var family in rows.GroupBy(row => row.Family))
        {
            var members = family.ToList();
            if (block.Count > 0 && block.Count + members.Count > most)
            {
                yield return block;
                block = [];
            }

            foreach (var part in members.Chunk(most))
            {
                if (block.Count + part.Length > most)
                {
                    yield return block;
                    block = [];
                }

                block.AddRange(part);
            }
        }

        if (block.Count > 0)
            yield return block;
    }

    /// <summary>Cuts the block's items, longest first, into slices that fill a micro-batch each, and puts slices together to batches.</summary>
    private IEnumerable<List<Slice>> Pack(RowBlock block, WorkCost cost)
    {
        var batch = new List<Slice>();
        var work = 0.0;
        foreach (var slice in Slices(block, cost))
        {
            if (batch.Count > 0 && work + slice.Work > _batchWork)
            {
                yield return batch;
                batch = [];
                work = 0;
            }

            batch.Add(slice);
            work += slice.Work;
        }

        if (batch.Count > 0)
            yield return batch;
    }

    private IEnumerable<Slice> Slices(RowBlock block, WorkCost cost)
    {
        var rows = block.Rows.Count;
        for (var first = 0; first < block.Items.Count;)
        {
            var longest = block.Items[first];
            var shared = cost.Shared(longest);
            var all = block.Rows.Sum(row => cost.Row(longest, row));
            var inTime = all > 0 ? (int)Math.Clamp((_microBatchWork - shared) / (all / rows), 0, rows) : rows;
            var inMemory = Math.Max(1, _options.MaxRowTokens / Math.Max(1, cost.Prefill(longest)));
            var most = Math.Clamp(Math.Min(Math.Max(_options.MinimumRows, inTime), inMemory), 1, rows);
            var parts = (rows + most - 1) / most;
            var perPart = (rows + parts - 1) / parts;

            // Every item counts as long as the longest one: that is what padding makes of it.
            var itemsInMemory = Math.Max(1, inMemory / perPart);
            var itemsInTime = Math.Max(1, (int)Math.Min(int.MaxValue, _microBatchWork / Math.Max(1, shared + all / parts)));
            var count = Math.Min(Math.Min(itemsInMemory, itemsInTime), block.Items.Count - first);
            yield return new Slice(first, count, perPart, count * (shared * parts + all));
            first += count;
        }
    }

    private JobBatch? Build(RowBlock block, List<Slice> slices, Func<JobId, bool> isRecorded)
    {
        var id = BatchId(_sweepId, _number++);
        var jobs = new List<JobSpec>();
        var jobsBefore = new int[block.Rows.Count + 1];
        for (var row = 0; row < block.Rows.Count; row++)
        {
            jobs.AddRange(block.Rows[row].Jobs.Select(job => job.Job).Where(job => !isRecorded(job.Id)));
            jobsBefore[row + 1] = jobs.Count;
        }

        if (jobs.Count == 0)
            return null;
        var firstItem = slices[0].FirstItem;
        var microBatches = new List<MicroBatch>();
        foreach (var slice in slices)
        {
            for (var row = 0; row < block.Rows.Count; row += slice.RowsPerPart)
            {
                var firstJob = jobsBefore[row];
                var jobCount = jobsBefore[Math.Min(row + slice.RowsPerPart, block.Rows.Count)] - firstJob;
                if (jobCount > 0)
                    microBatches.Add(new MicroBatch { FirstItem = slice.FirstItem - firstItem, ItemCount = slice.ItemCount, FirstJob = firstJob, JobCount = jobCount });
            }
        }

        return new JobBatch
        {
            Id = id,
            SweepId = _sweepId,
            Jobs = jobs,
            ItemIds = [.. block.Items.Skip(firstItem).Take(slices.Sum(slice => slice.ItemCount)).Select(item => item.Id)],
            MicroBatches = microBatches,
        };
    }

    /// <summary>Work of the whole sweep, equal bottlenecks counted twice and forks taken apart: only the size of batches hangs on it.</summary>
    private static double RoughWork(ResolvedPlan resolved)
    {
        var work = 0.0;
        for (var index = 0; index < resolved.Models.Count; index++)
        {
            var model = resolved.Models[index];
            var full = (double)model.BlockMultiplyAdds * model.Layers;
            var upper = 0.0;
            var rows = 1.0;
            foreach (var bottleneck in resolved.Bottlenecks.Where(bottleneck => bottleneck.Model == index))
            {
                var count = Math.Max(1, bottleneck.Scalars.Count);
                rows += count;
                upper += count * ForkPoint.Of(bottleneck.Interventions).RecomputedMultiplyAdds(model);
            }

            foreach (var benchmark in resolved.Benchmarks)
            {
                var cost = new WorkCost(model, benchmark, index, ForkPoint.None);
                var generated = benchmark.Measures.Contains(Measure.Generation) ? (benchmark.MaxNewTokens ?? 0) * rows * full : 0;
                work += benchmark.Items.Sum(item => cost.Prefill(item) * (full + upper) + generated);
            }
        }

        return work;
    }

    private sealed record RowBlock(IReadOnlyList<SectionRow> Rows, IReadOnlyList<ResolvedItem> Items);

    /// <summary>Some items of a block × all its rows, as one micro-batch for every <paramref name="RowsPerPart"/> rows.</summary>
    private readonly record struct Slice(int FirstItem, int ItemCount, int RowsPerPart, double Work);
}
