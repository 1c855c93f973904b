using System.Globalization;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Dispatch;

/// <summary>All new jobs of one model on one benchmark: what can share a batch. A row is held, its jobs are made when they are asked for: a section may have a million.</summary>
internal sealed class SweepSection
{
    private const int CellsOfStep = 250;
    private readonly SweepPlan _plan;
    private readonly ResolvedPlan _resolved;

    private SweepSection(SweepPlan plan, ResolvedPlan resolved, int model, int benchmark, IReadOnlyList<SectionRow> rows) =>
        (_plan, _resolved, Model, Benchmark, Rows) = (plan, resolved, model, benchmark, rows);

    public int Model { get; }

    public int Benchmark { get; }

    /// <summary>In the order of their first cell.</summary>
    public IReadOnlyList<SectionRow> Rows { get; }

    public IEnumerable<SweepJob> Jobs() => Rows.SelectMany(JobsOf);

    /// <summary>The row's jobs, in the order of their measures.</summary>
    public IEnumerable<SweepJob> JobsOf(SectionRow row)
    {
        var cell = PlanExpander.Cell(_plan, _resolved, Model, Benchmark, row.Bottleneck, row.Scalar);
        return row.Measures.Select((measure, index) => new SweepJob { Ordinal = row.FirstOrdinal + index, Job = cell.Jobs[measure], Benchmark = Benchmark });
    }

    /// <summary>Every section of a sweep, in plan order; together their jobs are those of <see cref="PlanExpander.Jobs(SweepPlan, ResolvedPlan)"/>, in that order.</summary>
    public static IEnumerable<SweepSection> Enumerate(SweepPlan plan, ResolvedPlan resolved) => EnumerateInSteps(plan, resolved).OfType<SweepSection>();

    /// <summary>The same with a null every few milliseconds: where others may have a turn, they have it there.</summary>
    public static IEnumerable<SweepSection?> EnumerateInSteps(SweepPlan plan, ResolvedPlan resolved)
    {
        var cells = 0;
        var families = Families(resolved);
        // Only equal models or equal data let a job come up in two sections.
        var remember = resolved.Models.DistinctBy(model => (model.WeightsHash, model.TokenizerHash)).Count() < resolved.Models.Count
            || resolved.Benchmarks.DistinctBy(benchmark => (benchmark.Kind, benchmark.DataHash)).Count() < resolved.Benchmarks.Count;
        var seen = new SeenJobs();
        var ordinal = 0;
        var rows = new List<SectionRow>();
        var at = (Model: 0, Benchmark: 0);
        foreach (var cell in PlanExpander.Cells(plan, resolved))
        {
            if (at != (cell.Model, cell.Benchmark))
            {
                if (rows.Count > 0)
                    yield return new SweepSection(plan, resolved, at.Model, at.Benchmark, rows);
                rows = [];
                at = (cell.Model, cell.Benchmark);
                if (!remember)
                    seen.Clear();
            }

            if (++cells % CellsOfStep == 0)
                yield return null;
            ForkPoint? fork = null;
            foreach (var (measures, elsewhere) in seen.Add(cell))
            {
                rows.Add(new SectionRow
                {
                    Bottleneck = cell.Bottleneck,
                    Scalar = cell.Scalar,
                    FirstOrdinal = ordinal,
                    Measures = measures,
                    Fork = fork ??= ForkPoint.Of(cell.Jobs.Values.First().Identity.Interventions),
                    Family = cell.Bottleneck is { } index ? families[index] : -1,
                    Elsewhere = elsewhere,
                });
                ordinal += measures.Count;
            }
        }

        if (rows.Count > 0)
            yield return new SweepSection(plan, resolved, at.Model, at.Benchmark, rows);
    }

    /// <summary>How many jobs a sweep has at most (equal bottlenecks counted twice), without making them.</summary>
    public static long CountAtMost(ResolvedPlan resolved)
    {
        var jobs = 0L;
        foreach (var (index, benchmark) in resolved.Benchmarks.Index())
        {
            long cells = resolved.Models.Count;
            foreach (var bottleneck in resolved.Bottlenecks)
                cells += bottleneck.ScalarsOn(index).Count(scalar => PlanExpander.At(bottleneck, scalar).Count > 0);
            jobs += cells * benchmark.Measures.Count;
        }

        return jobs;
    }

    /// <summary>Per bottleneck of the plan the number of the bottleneck that it is, or is a control of.</summary>
    private static int[] Families(ResolvedPlan resolved)
    {
        var families = new int[resolved.Bottlenecks.Count];
        var family = 0;
        for (var index = 0; index < families.Length; index++)
        {
            if (resolved.Bottlenecks[index].Role == BottleneckRole.Bottleneck)
                family++;
            families[index] = family;
        }

        return families;
    }

    /// <summary>On which benchmarks every job was seen. Of an id 128 bits are kept, of the lists one each: there may be a million.</summary>
    private sealed class SeenJobs
    {
        private readonly Dictionary<UInt128, int[]> _benchmarks = [];
        private readonly Dictionary<(int[] Before, int Next), int[]> _lists = [];
        private readonly int[] _none = [];
        private readonly Dictionary<string, IReadOnlyList<Measure>> _measures = new(StringComparer.Ordinal);

        public void Clear() => _benchmarks.Clear();

        /// <summary>The cell's jobs that are new on its benchmark, those in a row with the same benchmarks before together.</summary>
        public List<(IReadOnlyList<Measure> Measures, int[] Elsewhere)> Add(SweepCell cell)
        {
            var found = new List<(List<Measure> Measures, int[] Elsewhere)>(1);
            foreach (var (measure, job) in cell.Jobs.OrderBy(pair => pair.Key))
            {
                var key = UInt128.Parse(job.Id.Value.AsSpan(0, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                var before = _benchmarks.GetValueOrDefault(key) ?? _none;
                if (before.Contains(cell.Benchmark))
                    continue;
                if (found.Count == 0 || found[^1].Elsewhere != before)
                    found.Add(([], before));
                found[^1].Measures.Add(measure);
                _benchmarks[key] = List(before, cell.Benchmark);
            }

            return [.. found.Select(row => (Measures(row.Measures), row.Elsewhere))];
        }

        private int[] List(int[] before, int next) =>
            _lists.TryGetValue((before, next), out var list) ? list : _lists[(before, next)] = [.. before, next];

        private IReadOnlyList<Measure> Measures(List<Measure> measures)
        {
            var key = string.Join(',', measures);
            return _measures.TryGetValue(key, out var list) ? list : _measures[key] = measures.AsReadOnly();
        }
    }
}

/// <summary>One intervention on one benchmark, with a job a measure: they share the pass over the prompt.</summary>
internal sealed class SectionRow
{
    /// <summary>Index into the resolved plan's bottlenecks; null for the baseline.</summary>
    public required int? Bottleneck { get; init; }

    public required double? Scalar { get; init; }

    /// <summary>Ordinal of its first job; the others follow.</summary>
    public required int FirstOrdinal { get; init; }

    /// <summary>Ascending.</summary>
    public required IReadOnlyList<Measure> Measures { get; init; }

    public required ForkPoint Fork { get; init; }

    /// <summary>Equal for a bottleneck and its controls; -1 for the baseline.</summary>
    public required int Family { get; init; }

    /// <summary>Benchmarks of the plan, over the same data, whose items these jobs have in an earlier section. Equal lists are one list.</summary>
    public required IReadOnlyList<int> Elsewhere { get; init; }
}
