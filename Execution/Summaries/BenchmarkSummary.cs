using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Evaluation.Statistics;

namespace Sweep.Execution.Summaries;

/// <summary>Cells and rows of one benchmark of one model.</summary>
internal sealed class BenchmarkSummary
{
    /// <summary>A smallest detectable effect above it says that there are too few items.</summary>
    private const double LargestDetectable = 0.2;

    private static readonly (ItemSplit Split, string Name)[] Splits =
        [(ItemSplit.Selection, "selection"), (ItemSplit.Validation, "validation"), (ItemSplit.Test, "test")];

    private readonly SweepPlan _plan;
    private readonly ResolvedPlan _resolved;
    private readonly BenchmarkTable _table;
    private readonly IReadOnlyList<SweepCell> _cells;
    private readonly ResolvedModel _model;
    private readonly Dictionary<int, Candidate[]> _byBottleneck;

    /// <param name="cells">The baseline first, then every bottleneck and control at every scalar, in plan order.</param>
    public BenchmarkSummary(SweepPlan plan, ResolvedPlan resolved, BenchmarkTable table, IReadOnlyList<SweepCell> cells)
    {
        (_plan, _resolved, _table, _cells) = (plan, resolved, table, cells);
        _model = resolved.Models[cells[0].Model];
        _byBottleneck = cells.Where(cell => cell.Bottleneck is not null)
            .Select(cell => new Candidate(cell, Against(cell, ItemSplit.Selection).Choice, Standing.Of(Against(cell, ItemSplit.Test))))
            .GroupBy(candidate => candidate.Cell.Bottleneck!.Value)
            .ToDictionary(group => group.Key, group => group.ToArray());
    }

    public IEnumerable<SummaryCell> Cells() => _cells.Select(Cell);

    /// <summary>Perplexity changes on the test split by bottleneck and scalar; of a text benchmark.</summary>
    public IReadOnlyDictionary<(int Bottleneck, double? Scalar), double?> PerplexityChanges() => _byBottleneck
        .SelectMany(pair => pair.Value)
        .ToDictionary(candidate => (candidate.Cell.Bottleneck!.Value, candidate.Cell.Scalar), candidate => Against(candidate.Cell, ItemSplit.Test).PerplexityChange);

    public IEnumerable<SummaryRow> Rows(IReadOnlyDictionary<(int Bottleneck, double? Scalar), double?>? perplexityChanges)
    {
        foreach (var (index, own) in _byBottleneck.OrderBy(pair => pair.Key))
        {
            if (_resolved.Bottlenecks[index].Role == BottleneckRole.Bottleneck)
                yield return Row(index, own, perplexityChanges?.GetValueOrDefault((index, Chosen(own).Cell.Scalar)));
        }
    }

    private SummaryRow Row(int index, Candidate[] own, double? perplexityChange)
    {
        var bottleneck = _resolved.Bottlenecks[index];
        var chosen = Chosen(own);
        var test = Against(chosen.Cell, ItemSplit.Test);
        var (low, high) = test.Interval(_plan.Seed);
        var controls = Comparable(chosen.Test, ControlsOf(index).Select(control => Chosen(control).Test));
        var (rank, p) = PairedTests.AmongControls(chosen.Test.Effect, [.. controls.Select(control => control.Effect)]);
        return new SummaryRow
        {
            Model = _model.Name,
            Benchmark = _table.Benchmark.Name,
            Bottleneck = bottleneck.Name,
            Recipe = bottleneck.Recipe,
            Metric = _table.Metric,
            Unit = test.Unit,
            SelectionItems = Against(chosen.Cell, ItemSplit.Selection).N,
            TestItems = test.N,
            TestGroups = test.Groups,
            Scalar = chosen.Cell.Scalar,
            Baseline = test.Baseline,
            Steered = test.Steered,
            Effect = test.Effect,
            EffectLow = low,
            EffectHigh = high,
            McNemarP = test.P,
            LogLikelihoodEffect = test.LogLikelihoodEffect,
            ControlRank = controls.Length > 0 ? rank : null,
            LogLikelihoodControlRank = controls.Length > 0 && test.LogLikelihoodEffect is not null
                ? PairedTests.AmongControls(chosen.Test.LogLikelihoodEffect, [.. controls.Select(control => control.LogLikelihoodEffect)]).Rank
                : null,
            Controls = controls.Length,
            ControlP = controls.Length > 0 ? p : null,
            PerplexityChange = perplexityChange,
            MinimumDetectableEffect = test.MinimumDetectableEffect,
            TooFewItems = test.Groups < 2 || test.MinimumDetectableEffect > LargestDetectable,
            Diverged = own.Sum(candidate => Diverged(candidate.Cell)),
            Flips = test.Flips,
            WithinNoise = test.WithinNoise,
            Receipt = Receipt(chosen.Cell),
        };
    }

    private SummaryCell Cell(SweepCell cell)
    {
        var bottleneck = cell.Bottleneck is { } index ? _resolved.Bottlenecks[index] : null;
        var isAsked = bottleneck is { Role: BottleneckRole.Bottleneck };
        var splits = new SortedDictionary<string, SplitScores>(StringComparer.Ordinal);
        foreach (var (split, name) in Splits)
        {
            // Controls are ranked; only what the plan asks about gets an interval, which is thousands of draws.
            if (split != ItemSplit.Validation || _table.Items(split).Any())
                splits[name] = Against(cell, split).Scores(isAsked && split == ItemSplit.Test ? _plan.Seed : null);
        }

        var (rank, controls) = isAsked ? RankAtItsScalar(cell) : (null, 0);
        return new SummaryCell
        {
            Model = _model.Name,
            Benchmark = _table.Benchmark.Name,
            Bottleneck = bottleneck?.Name ?? "baseline",
            ControlIndex = bottleneck?.ControlIndex,
            Scalar = cell.Scalar,
            Metric = _table.Metric,
            Unit = _table.Unit,
            Jobs = cell.Jobs.OrderBy(pair => pair.Key).ToDictionary(pair => pair.Key, pair => pair.Value.Id),
            Splits = splits,
            ControlRank = rank,
            Controls = controls,
            Receipt = Receipt(cell),
        };
    }

    private (int? Rank, int Controls) RankAtItsScalar(SweepCell cell)
    {
        var index = cell.Bottleneck!.Value;
        Standing At(Candidate[] candidates) => candidates.Single(candidate => candidate.Cell.Scalar == cell.Scalar).Test;
        var own = At(_byBottleneck[index]);
        var controls = Comparable(own, ControlsOf(index).Select(At));
        return controls.Length == 0 ? (null, 0) : (PairedTests.AmongControls(own.Effect, [.. controls.Select(control => control.Effect)]).Rank, controls.Length);
    }

    private IEnumerable<Candidate[]> ControlsOf(int bottleneck) => _byBottleneck
        .Where(pair => _resolved.Bottlenecks[pair.Key] is { Role: BottleneckRole.Control } control && control.Name == _resolved.Bottlenecks[bottleneck].Name)
        .Select(pair => pair.Value);

    /// <summary>Those that have rows of as many items: the others' effects are those of other items.</summary>
    private static Standing[] Comparable(Standing own, IEnumerable<Standing> controls) => [.. controls.Where(control => own.Items > 0 && control.Items == own.Items)];

    private Candidate Chosen(Candidate[] own)
    {
        var operations = _resolved.Bottlenecks[own[0].Cell.Bottleneck!.Value].Interventions.Select(intervention => intervention.Operation).ToHashSet();
        var identity = operations.Contains("Scale") || !operations.Contains("Add") ? 1 : 0;
        return own[ScalarChoice.Best([.. own.Select(candidate => (candidate.Cell.Scalar, candidate.Choice))], identity)];
    }

    private PairedScores Against(SweepCell cell, ItemSplit split) => new(_table, _cells[0], cell, split);

    private ReceiptSummary? Receipt(SweepCell cell) => cell.Bottleneck is not { } index
        ? null
        : ReceiptJudge.Judge(_table, _cells[0], cell, PlanExpander.At(_resolved.Bottlenecks[index], cell.Scalar), _plan.Precision);

    private int Diverged(SweepCell cell) => Enumerable.Range(0, _table.Benchmark.Items.Count)
        .Count(item => cell.Jobs.Keys.Any(measure => _table.Of(cell, measure)![item]?.Diverged == true));

    /// <summary>What a cell brings to choices and ranks.</summary>
    private sealed record Candidate(SweepCell Cell, double? Choice, Standing Test);

    /// <summary>A cell's effects on the test split as they are ranked.</summary>
    private readonly record struct Standing(int Items, double Effect, double LogLikelihoodEffect)
    {
        public static Standing Of(PairedScores scores) => new(scores.Recorded, scores.RankedEffect, scores.RankedLogLikelihoodEffect);
    }
}
