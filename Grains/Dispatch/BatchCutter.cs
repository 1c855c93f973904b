using Sweep.Contracts.Plans;

namespace Sweep.Grains.Dispatch;

/// <summary>
/// Cuts a sweep's jobs into batches that share model, benchmark and fork, one after the other, as large as it is told. A function of the plan, its resolution and the sizings:
/// a batch's number always names the same rectangle of rows × items. Its state is small: the rows of one section, however many jobs there are.
/// </summary>
internal sealed class BatchCutter
{
    /// <summary>Rows part company only where the layers that they share are at most this share of a batch's work.</summary>
    private const double MostShared = 0.1;

    private readonly ResolvedPlan _resolved;
    private readonly IEnumerator<SweepSection> _sections;
    private readonly double[,] _rough;
    private SweepSection? _section;
    private Queue<RowGroup> _groups = new();
    private CutRange? _range;
    private int _row;
    private int _item;
    private double _sectionLeft;

    public BatchCutter(SweepPlan plan, ResolvedPlan resolved)
    {
        _resolved = resolved;
        _rough = RoughWork(resolved);
        _sections = SweepSection.Enumerate(plan, resolved).GetEnumerator();
        Settle();
    }

    /// <summary>Batches cut so far, which is the number of the next.</summary>
    public int Number { get; private set; }

    public bool IsAtEnd => _section is null;

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

    /// <summary>The next batches, as many as the sizing is for; fewer where the model changes or the sweep ends.</summary>
    public IReadOnlyList<BatchCut> Cut(BatchSizing sizing)
    {
        var cuts = new List<BatchCut>();
        for (var model = Model; cuts.Count < sizing.Batches && !IsAtEnd && Model == model;)
            cuts.Add(Next(sizing));
        return cuts;
    }

    private BatchCut Next(BatchSizing sizing)
    {
        var group = _groups.Peek();
        var speed = sizing.MultiplyAddsPerSecond[_section!.Model];
        if (_item == 0)
            _range = TakeRows(group, sizing, sizing.BatchSeconds * speed);
        var first = _item;
        var slices = new List<CutSlice>();
        var work = 0.0;
        while (_item < group.Items.Length)
        {
            var slice = Slice(group, _range!.Counts, sizing, sizing.MicroBatchSeconds * speed);
            if (slices.Count > 0 && work + slice.Work > sizing.BatchSeconds * speed)
                break;
            slices.Add(slice);
            work += slice.Work;
            _item += slice.ItemCount;
        }

        var cut = new BatchCut { Number = Number++, Range = _range!, Items = new ArraySegment<ResolvedItem>(group.Items, first, _item - first), Slices = slices, Work = work, Cost = group.Cost };
        _sectionLeft -= work;
        if (_item == group.Items.Length)
        {
            _item = 0;
            _row += _range!.Rows.Count;
            Settle();
        }

        return cut;
    }

    /// <summary>Moves on to where the next batch begins.</summary>
    private void Settle()
    {
        if (_groups.TryPeek(out var group) && _row < group.Rows.Length)
            return;
        _row = 0;
        _groups.TryDequeue(out _);
        while (_groups.Count == 0)
        {
            _section = _sections.MoveNext() ? _sections.Current : null;
            if (_section is null)
                return;
            _groups = new Queue<RowGroup>(RowGroup.Of(_section, _resolved));
            _sectionLeft = _groups.Sum(group => group.Work);
        }
    }

    /// <summary>
    /// The next rows: as many as fill a batch with one item, but not so few that the shared layers rule; whole families where they fit. The baseline, whose pass every batch makes
    /// anyway, joins those who follow it.
    /// </summary>
    private CutRange TakeRows(RowGroup group, BatchSizing sizing, double budget)
    {
        if (group.Items.Length == 0)
            return new CutRange(_section!, new ArraySegment<SectionRow>(group.Rows, _row, Math.Min(group.Rows.Length - _row, sizing.MaxRowsPerBatch)));
        var longest = group.Items[0];
        var shared = group.Cost.Shared(longest);
        var baselines = 0;
        while (_row + baselines < group.Rows.Length && group.Rows[_row + baselines].Fork == ForkPoint.None)
            baselines++;
        var left = group.Rows.Length - _row - baselines;
        var count = left;
        if (left > 0)
        {
            var each = group.Cost.Rows(longest, RowCounts.Of(group.Rows.AsSpan(_row + baselines))) / left;
            var inTime = each > 0 ? (budget - shared) / each : left;
            var worthwhile = each > 0 ? shared * (1 - MostShared) / MostShared / each : left;
            var most = (int)Math.Clamp(Math.Max(Math.Max(inTime, worthwhile), sizing.MinimumRows), 1, sizing.MaxRowsPerBatch);
            count = left <= most ? left : WholeFamilies(group.Rows.AsSpan(_row + baselines), most);
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
            var forks = resolved.Bottlenecks.Where(bottleneck => bottleneck.Model == model)
                .GroupBy(bottleneck => ForkPoint.Of(bottleneck.Interventions), bottleneck => Math.Max(1, bottleneck.Scalars.Count)).ToList();
            for (var benchmark = 0; benchmark < resolved.Benchmarks.Count; benchmark++)
            {
                if (forks.Count == 0)
                    work[model, benchmark] = RowGroup.WorkOf(new WorkCost(resolved.Models[model], resolved.Benchmarks[benchmark], model, ForkPoint.None), resolved.Benchmarks[benchmark], 0);
                foreach (var fork in forks)
                    work[model, benchmark] += RowGroup.WorkOf(new WorkCost(resolved.Models[model], resolved.Benchmarks[benchmark], model, fork.Key), resolved.Benchmarks[benchmark], fork.Sum());
            }
        }

        return work;
    }
}
