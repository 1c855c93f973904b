using System.Globalization;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Evaluation.Statistics;
using Sweep.Execution.Planning;
using Sweep.Execution.Randomness;

namespace Sweep.Execution.Summaries;

/// <summary>
/// What the summary finds where there is nothing to find: a recorded sweep's own rows, rearranged at random so that no effect is left, through the same code that reports
/// effects. At most one replicate in twenty may hold any finding.
/// </summary>
public sealed class NullChecks
{
    private const double Level = 0.05;
    private const int DeclaredControls = 4;

    private readonly SweepPlan _plan;
    private readonly ResolvedPlan _resolved;
    private readonly Dictionary<int, BenchmarkTable> _tables = [];
    private readonly Func<int, IReadOnlyCollection<JobId>, Task<BenchmarkTable>> _read;

    private NullChecks(ISweepStore store, SweepPlan plan, ResolvedPlan resolved, CancellationToken cancellationToken)
    {
        (_plan, _resolved) = (plan, resolved);
        _read = (benchmark, jobs) => BenchmarkTable.ReadAsync(store, resolved.Benchmarks[benchmark], jobs, cancellationToken);
    }

    /// <exception cref="InvalidOperationException">There is no such sweep, or it is not resolved.</exception>
    public static async Task<NullChecks> OpenAsync(ISweepStore store, string sweepId, CancellationToken cancellationToken)
    {
        var sweep = await store.FindSweepAsync(sweepId, cancellationToken) ?? throw new InvalidOperationException($"there is no sweep '{sweepId}'");
        var resolved = await store.LoadResolutionAsync(sweepId, cancellationToken) ?? throw new InvalidOperationException($"sweep '{sweepId}' is not resolved yet");
        return new NullChecks(store, sweep.Plan, resolved, cancellationToken);
    }

    /// <summary>
    /// "Steered" and "baseline" are exchanged in a random half of the groups of each benchmark, for all cells alike; scalars are chosen anew. Some controls are counted among
    /// the bottlenecks, so that the family is as large as that of a search.
    /// </summary>
    public Task<NullFindings> SwappedLabelsAsync(int replicate) => FindAsync(Declared(), replicate, table => Swapped(table, replicate));

    /// <summary>The same with the recorded items, all of them, dealt into folds anew: scalars are cross-fitted.</summary>
    public Task<NullFindings> CrossFittedAsync(int replicate, int folds)
    {
        var declared = Declared();
        var dealt = declared.Benchmarks.Select(benchmark => Dealt(benchmark, folds, _plan.Seed + replicate)).ToDictionary(benchmark => benchmark.Name, StringComparer.Ordinal);
        return FindAsync(
            declared with { Benchmarks = [.. declared.Benchmarks.Select(benchmark => dealt[benchmark.Name])] }, replicate, table => Swapped(table.Of(dealt[table.Benchmark.Name]), replicate));
    }

    /// <summary>Of the random controls of every bottleneck that has some, one is drawn to be the bottleneck, and so many others to be its controls.</summary>
    public Task<NullFindings> RandomAmongRandomAsync(int replicate, int controls) => FindAsync(Redrawn(replicate, controls), replicate, table => table);

    /// <summary>The same of sets that are all run at scalar 1 only.</summary>
    public Task<NullFindings> DuplicatesAsync(int replicate, int controls)
    {
        var redrawn = Redrawn(replicate, controls);
        return FindAsync(redrawn with { Bottlenecks = [.. redrawn.Bottlenecks.Select(bottleneck => bottleneck with { Scalars = [1], Choices = null, Round = null })] }, replicate, table => table);
    }

    private static BenchmarkTable Swapped(BenchmarkTable table, int replicate)
    {
        var generator = Generator("labels", replicate, table.Benchmark.Name);
        var swapped = table.Benchmark.Items.Select(item => item.Group).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Where(_ => generator.Below(2) == 1).ToHashSet(StringComparer.Ordinal);
        return table.Swapped(swapped.Contains);
    }

    private static ResolvedBenchmark Dealt(ResolvedBenchmark benchmark, int folds, long seed)
    {
        var foldOf = FoldDealing.Deal(benchmark.Items.Select(item => item.Group), folds, seed);
        return benchmark with { Items = [.. benchmark.Items.Select(item => item with { Split = ItemSplit.Test, Fold = foldOf[item.Group] })] };
    }

    private static SeededGenerator Generator(string check, int replicate, string of) => new("sweep-null-check/1", check, replicate.ToString(CultureInfo.InvariantCulture), of);

    private async Task<NullFindings> FindAsync(ResolvedPlan resolved, int replicate, Func<BenchmarkTable, BenchmarkTable> change)
    {
        // The seed of signs and draws is another in every replicate, as it would be in other sweeps.
        var seed = _plan.Seed + replicate;
        var open = await SweepAnswer.OpenRowsAsync(_plan with { Seed = seed }, resolved, async (benchmark, _) => change(await TableAsync(benchmark)));
        var rows = SweepFamily.Rows(open, seed, out _);
        return new NullFindings
        {
            Given = MaxStatistic.Test([.. open.Select(row => row.Member).OfType<FamilyMember>()], seed).Any(member => member.P <= Level),
            Effects = rows.Any(row => row.FamilyP <= Level),
            Holm = rows.Any(row => row.HolmP <= Level),
            Ranks = rows.Any(row => row.ControlCorrectedP <= Level),
            RankedRows = rows.Count(row => row.ControlCorrectedP is not null),
        };
    }

    /// <summary>All of a benchmark's scores, of all models; read once.</summary>
    private async Task<BenchmarkTable> TableAsync(int benchmark)
    {
        if (!_tables.TryGetValue(benchmark, out var table))
        {
            var jobs = PlanExpander.Jobs(_plan, _resolved).Where(job => job.Benchmark == benchmark).Select(job => job.Job.Id).Distinct().Order().ToArray();
            _tables[benchmark] = table = await _read(benchmark, jobs);
        }

        return table;
    }

    private ResolvedPlan Declared() => _resolved with
    {
        Bottlenecks =
        [
            .. _resolved.Bottlenecks
                .Where(bottleneck => bottleneck.Role == BottleneckRole.Bottleneck || bottleneck is { Kind: null or ControlKind.Random, ControlIndex: < DeclaredControls })
                .Select(bottleneck => bottleneck with { Role = BottleneckRole.Bottleneck, Name = $"{bottleneck.Name} {bottleneck.ControlIndex}" }),
        ],
    };

    private ResolvedPlan Redrawn(int replicate, int controls)
    {
        var redrawn = new List<ResolvedBottleneck>();
        foreach (var ofOne in _resolved.Bottlenecks.GroupBy(bottleneck => (bottleneck.Model, bottleneck.Name)))
        {
            ResolvedBottleneck[] pool = [.. ofOne.Where(control => control is { Role: BottleneckRole.Control, Kind: null or ControlKind.Random })];
            if (pool.Length == 0)
                continue;
            if (pool.Length <= controls)
                throw new InvalidOperationException($"found {pool.Length} random controls of '{ofOne.Key.Name}', expected more than {controls}");
            var generator = Generator("sets", replicate, $"{ofOne.Key.Model} {ofOne.Key.Name}");
            for (var index = 0; index <= controls; index++)
            {
                var other = index + generator.Below(pool.Length - index);
                (pool[index], pool[other]) = (pool[other], pool[index]);
                redrawn.Add(index == 0
                    ? pool[0] with { Role = BottleneckRole.Bottleneck, Kind = null, ControlIndex = null }
                    : pool[index] with { Kind = ControlKind.Random, ControlIndex = index - 1 });
            }
        }

        return _resolved with { Bottlenecks = redrawn };
    }
}

/// <summary>What one replicate found, at 5 % over all its rows.</summary>
public readonly record struct NullFindings
{
    /// <summary>An effect against the baseline, by the max-statistic.</summary>
    public required bool Effects { get; init; }

    /// <summary>The same with the chosen scalars taken for given, whatever they were chosen on.</summary>
    public required bool Given { get; init; }

    /// <summary>As <see cref="Effects"/>, by Holm.</summary>
    public required bool Holm { get; init; }

    /// <summary>A rank among the controls, corrected by null sweeps.</summary>
    public required bool Ranks { get; init; }

    /// <summary>Rows that such a rank was computed of.</summary>
    public required int RankedRows { get; init; }
}
