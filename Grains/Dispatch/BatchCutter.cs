using Sweep.Contracts.Plans;

namespace Sweep.Grains.Dispatch;

/// <summary>
/// Cuts a sweep's jobs into batches that share model, benchmark and fork, one after the other, as large as it is told. A function of the plan, its resolution and the sizings:
/// a batch's number always names the same rectangle of rows × items. Its state is small: the rows of one section, however many jobs there are.
/// </summary>
internal sealed class BatchCutter
{
    /// <summary>Rows part company only where the layers that they share are then at most this share of a batch's work.</summary>
    private const double MostShared = 0.1;

    /// <summary>The same where rows part company for no other reason than to have all their items in one batch: then no other batch has these jobs.</summary>
    private const double MostSharedForWholeJobs = 0.025;

    private readonly ResolvedPlan _resolved;
    private readonly IEnumerator<SweepSection?> _steps;
    private readonly double[,] _rough;
    private SweepSection? _section;
    private Queue<RowGroup> _groups = new();
    private CutRange? _range;
    private int _row;
    private int _item;
    private double _sectionLeft;
    private bool _mayRead = true;

    private BatchCutter(SweepPlan plan, ResolvedPlan resolved)
    {
        _resolved = resolved;
        _rough = RoughWork(resolved);
        _steps = SweepSection.EnumerateInSteps(plan, resolved).GetEnumerator();
    }

    /// <summary>A cutter before the first batch.</summary>
    public static BatchCutter Start(SweepPlan plan, ResolvedPlan resolved)
    {
        var cutter = new BatchCutter(plan, resolved);
        cutter.Read();
        return cutter;
    }

    /// <summary>The same in turns of a few milliseconds.</summary>
    public static async Task<BatchCutter> StartAsync(SweepPlan plan, ResolvedPlan resolved)
    {
        var cutter = new BatchCutter(plan, resolved);
        await cutter.ReadAsync();
        return cutter;
    }

    /// <summary>Batches cut so far, which is the number of the next.</summary>
    public int Number { get; private set; }

    public bool IsAtEnd => _groups.Count == 0 && !_mayRead;

    /// <summary>Index of the model of the next batch; 0 at the end.</summary>
    public int Model => _section?.Model ?? 0;

    /// <summary>Items of the rows cut last are still to be cut.</summary>
    public bool IsInsideRange => _item > 0;

    /// <summary>Multiply-adds that are left, one a model of the plan; equal bottlenecks of later sections counted twice, so it is only good for sizes.</summary>
    public IReadOnlyList<double> WorkLeft
    {
        get
        {
            var left = new double[_resolved.Models.Count];
            if (_section is null)
                return left;
            left[_section.Model] = Math.Max(0, _sectionLeft);
            for (var model = _section.Model; model < left.Length; model++)
            {
                for (var benchmark = model == _section.Model ? _section.Benchmark + 1 : 0; benchmark < _resolved.Benchmarks.Count; benchmark++)
                    left[model] += _rough[model, benchmark];
            }

            return left;
        }
    }

    /// <summary>The next batches, as many as the sizing is for; fewer where a section ends.</summary>
    public IReadOnlyList<BatchCut> Cut(BatchSizing sizing)
    {
        var cuts = CutSection(sizing);
        Read();
        return cuts;
    }

    /// <summary>The same in turns of a few milliseconds.</summary>
    public async Task<IReadOnlyList<BatchCut>> CutAsync(BatchSizing sizing)
    {
        var cuts = CutSection(sizing);
        await ReadAsync();
        return cuts;
    }

    private List<BatchCut> CutSection(BatchSizing sizing)
    {
        var cuts = new List<BatchCut>();
        while (cuts.Count < sizing.Batches && _groups.Count > 0)
            cuts.Add(Next(sizing));
        return cuts;
    }

    private BatchCut Next(BatchSizing sizing)
    {
        var group = _groups.Peek();
        var speed = sizing.MultiplyAddsPerSecond[_section!.Model];
        var budget = sizing.SecondsOf(Number) * speed;
        if (_item == 0)
            _range = TakeRows(group, sizing, budget);
        var first = _item;
        var slices = new List<CutSlice>();
        var work = 0.0;
        while (_item < group.Items.Length)
        {
            var slice = Slice(group, _range!.Counts, sizing, sizing.MicroBatchSeconds * speed);
            if (slices.Count > 0 && work + slice.Work > budget)
                break;
            slices.Add(slice);
            work += slice.Work;
            _item += slice.ItemCount;
        }

        var cut = new BatchCut { Number = Number++, Range = _range!, Items = new ArraySegment<ResolvedItem>(group.Items, first, _item - first), Slices = slices, Work = work, Cost = group.Cost };
        _sectionLeft -= work;
        if (_item < group.Items.Length)
            return cut;
        _item = 0;
        _row += _range!.Rows.Count;
        if (_row == group.Rows.Length)
        {
            _row = 0;
            _groups.Dequeue();
        }

        return cut;
    }

    /// <summary>Goes to the next section where this one has nothing left.</summary>
    private void Read()
    {
        while (!ReadStep())
        {
        }
    }

    private async Task ReadAsync()
    {
        while (!ReadStep())
            await Task.Yield();
    }

    /// <summary>False: there is more to read before the next batch.</summary>
    private bool ReadStep()
    {
        if (_groups.Count > 0 || !_mayRead)
            return true;
        _section = null;
        _mayRead = _steps.MoveNext();
        if (!_mayRead || _steps.Current is not { } section)
            return !_mayRead;
        _section = section;
        _groups = new Queue<RowGroup>(RowGroup.Of(section, _resolved));
        _sectionLeft = _groups.Sum(group => group.Work);
        return _groups.Count > 0;
    }

    /// <summary>
    /// The next rows: as many as fill a batch with all items, or with one where that are too few, but never so few that the shared layers rule; whole families where they fit. The
    /// baseline, whose pass every batch makes anyway, joins those who follow it.
    /// </summary>
    private CutRange TakeRows(RowGroup group, BatchSizing sizing, double budget)
    {
        if (group.Items.Length == 0)
            return new CutRange(_section!, new ArraySegment<SectionRow>(group.Rows, _row, Math.Min(group.Rows.Length - _row, sizing.MaxRowsPerBatch)));
        var baselines = 0;
        while (_row + baselines < group.Rows.Length && group.Rows[_row + baselines].Fork == ForkPoint.None)
            baselines++;
        var left = group.Rows.Length - _row - baselines;
        var count = left;
        if (left > 0)
        {
            var counts = RowCounts.Of(group.Rows.AsSpan(_row + baselines));
            var (shared, each) = (group.Shared, group.RowsOf(counts) / left);
            var most = (budget - shared) / each;
            if (!(most * each * MostSharedForWholeJobs >= shared))
            {
                var longest = group.Items[0];
                (shared, each) = (group.Cost.Shared(longest), group.Cost.Rows(longest, counts) / left);
                most = each > 0 ? Math.Max((budget - shared) / each, shared * (1 - MostShared) / MostShared / each) : left;
            }

            var rows = (int)Math.Clamp(Math.Max(most, sizing.MinimumRows), 1, sizing.MaxRowsPerBatch);
            count = left <= rows ? left : WholeFamilies(group.Rows.AsSpan(_row + baselines), rows);
        }

        return new CutRange(_section!, new ArraySegment<SectionRow>(group.Rows, _row, baselines + count));
    }

    private static int WholeFamilies(ReadOnlySpan<SectionRow> rows, int most)
    {
        var count = 0;
        while (true)
        {
            var next = count;
            while (next < rows.Length && rows[next].Family == rows[count].Family)
                next++;
            if (next > most)
            {
                var parts = (next + most - 1) / most;
                return count > 0 ? count : (next + parts - 1) / parts;
            }

            count = next;
        }
    }

    /// <summary>The next items × the range's rows, cut into as many micro-batches of rows as time and memory ask for. Every item counts as long as the longest: that is what padding makes of it.</summary>
    private CutSlice Slice(RowGroup group, RowCounts rows, BatchSizing sizing, double budget)
    {
        var longest = group.Items[_item];
        var shared = group.Cost.Shared(longest);
        var all = group.Cost.Rows(longest, rows);
        var inTime = all > 0 ? (int)Math.Clamp((budget - shared) / (all / rows.All), 0, rows.All) : rows.All;
        var inMemory = (int)Math.Clamp(sizing.MaxRowTokens / Math.Max(1, group.Cost.Prefill(longest)), 1, int.MaxValue);
        var most = Math.Clamp(Math.Min(Math.Max(sizing.MinimumRows, inTime), inMemory), 1, rows.All);
        var parts = (rows.All + most - 1) / most;
        var perPart = (rows.All + parts - 1) / parts;
        var itemsInMemory = Math.Max(1, inMemory / perPart);
        var itemsInTime = Math.Max(1, (int)Math.Min(int.MaxValue, budget / Math.Max(1, shared + all / parts)));
        var count = Math.Min(Math.Min(itemsInMemory, itemsInTime), group.Items.Length - _item);
        return new CutSlice(count, perPart, count * (shared * parts + all));
    }

    /// <summary>By model and benchmark; equal bottlenecks counted twice and forks taken apart.</summary>
    private static double[,] RoughWork(ResolvedPlan resolved)
    {
        var work = new double[resolved.Models.Count, resolved.Benchmarks.Count];
        for (var model = 0; model < resolved.Models.Count; model++)
        {
            for (var benchmark = 0; benchmark < resolved.Benchmarks.Count; benchmark++)
            {
                var forks = resolved.Bottlenecks.Where(bottleneck => bottleneck.Model == model)
                    .GroupBy(bottleneck => ForkPoint.Of(bottleneck.Interventions), bottleneck => bottleneck.ScalarsOn(benchmark).Count()).ToList();
                if (forks.Count == 0)
                    work[model, benchmark] = RowGroup.WorkOf(new WorkCost(resolved.Models[model], resolved.Benchmarks[benchmark], model, ForkPoint.None), resolved.Benchmarks[benchmark], 0);
                foreach (var fork in forks)
                    work[model, benchmark] += RowGroup.WorkOf(new WorkCost(resolved.Models[model], resolved.Benchmarks[benchmark], model, fork.Key), resolved.Benchmarks[benchmark], fork.Sum());
            }
        }

        return work;
    }
}
