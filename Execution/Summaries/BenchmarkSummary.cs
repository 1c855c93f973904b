using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Execution.Summaries;

/// <summary>Cells and rows of one benchmark of one model.</summary>
/// <param name="cells">The baseline first, then every bottleneck and control at every scalar, in plan order.</param>
internal sealed class BenchmarkSummary(SweepPlan plan, ResolvedPlan resolved, BenchmarkTable table, IReadOnlyList<SweepCell> cells, IPairedStatistics statistics)
{
    private static readonly (ItemSplit Split, string Name)[] Splits =
        [(ItemSplit.Selection, "selection"), (ItemSplit.Validation, "validation"), (ItemSplit.Test, "test")];

    private readonly ResolvedModel _model = resolved.Models[cells[0].Model];
    private readonly SweepCell _baseline = cells[0];
    private readonly Dictionary<int, SweepCell[]> _byBottleneck =
        cells.Where(cell => cell.Bottleneck is not null).GroupBy(cell => cell.Bottleneck!.Value).ToDictionary(group => group.Key, group => group.ToArray());

    public IEnumerable<SummaryCell> Cells() => cells.Select(Cell);

    /// <summary>Perplexity changes on the test split by bottleneck and scalar; of a text benchmark.</summary>
    public IReadOnlyDictionary<(int Bottleneck, double? Scalar), double?> PerplexityChanges() => _byBottleneck
        .SelectMany(pair => pair.Value)
        .ToDictionary(cell => (cell.Bottleneck!.Value, cell.Scalar), cell => Against(cell, ItemSplit.Test).PerplexityChange);

    public IEnumerable<SummaryRow> Rows(IReadOnlyDictionary<(int Bottleneck, double? Scalar), double?>? perplexityChanges)
    {
        foreach (var (index, own) in _byBottleneck.OrderBy(pair => pair.Key))
        {
            if (resolved.Bottlenecks[index].Role != BottleneckRole.Bottleneck)
                continue;
            var bottleneck = resolved.Bottlenecks[index];
            var controls = _byBottleneck.Where(pair =>
                resolved.Bottlenecks[pair.Key] is { Role: BottleneckRole.Control } control && control.Name == bottleneck.Name).ToArray();
            yield return Row(bottleneck, own, [.. controls.Select(pair => pair.Value)], perplexityChanges?.GetValueOrDefault((index, Chosen(own).Scalar)));
        }
    }

    private SummaryRow Row(ResolvedBottleneck bottleneck, SweepCell[] own, IReadOnlyList<SweepCell[]> controls, double? perplexityChange)
    {
        var chosen = Chosen(own);
        var test = Against(chosen, ItemSplit.Test);
        var (low, high) = test.Interval(statistics, plan.Seed);
        var asGood = controls.Count(control => Against(Chosen(control), ItemSplit.Test).Rank >= test.Rank);
        var ranked = controls.Count > 0 && test.N > 0;
        var detectable = test.MinimumDetectableEffect(statistics);
        return new SummaryRow
        {
            Model = _model.Name,
            Benchmark = table.Benchmark.Name,
            Bottleneck = bottleneck.Name,
            Recipe = bottleneck.Recipe,
            Metric = test.HasMetric ? table.Benchmark.PrimaryMetric : "log_likelihood",
            SelectionItems = Against(chosen, ItemSplit.Selection).N,
            TestItems = test.N,
            TestGroups = test.Groups,
            Scalar = chosen.Scalar,
            Baseline = test.Baseline,
            Steered = test.Steered,
            Effect = test.Effect,
            EffectLow = low,
            EffectHigh = high,
            McNemarP = test.IsBinary ? statistics.McNemar(test.RightToWrong, test.WrongToRight) : null,
            LogLikelihoodEffect = test.LogLikelihoodEffect,
            ControlRank = ranked ? 1 + asGood : null,
            Controls = controls.Count,
            ControlP = ranked ? (1.0 + asGood) / (controls.Count + 1) : null,
            PerplexityChange = perplexityChange is { } change && double.IsFinite(change) ? change : null,
            MinimumDetectableEffect = detectable,
            TooFewItems = test.N == 0 || (test.HasMetric && detectable > 0.2),
            Diverged = own.Sum(Diverged),
            Receipt = Receipt(chosen),
        };
    }

    private SummaryCell Cell(SweepCell cell)
    {
        var bottleneck = cell.Bottleneck is { } index ? resolved.Bottlenecks[index] : null;
        var splits = new SortedDictionary<string, SplitScores>(StringComparer.Ordinal);
        foreach (var (split, name) in Splits)
        {
            if (split == ItemSplit.Validation && !table.Items(split).Any())
                continue;

            // Ten thousand draws a cell: controls are ranked, only what the plan asks about gets an interval.
            var interval = split == ItemSplit.Test && bottleneck is { Role: BottleneckRole.Bottleneck };
            splits[name] = Against(cell, split).Scores(statistics, interval ? plan.Seed : null);
        }

        return new SummaryCell
        {
            Model = _model.Name,
            Benchmark = table.Benchmark.Name,
            Bottleneck = bottleneck?.Name ?? "baseline",
            ControlIndex = bottleneck?.ControlIndex,
            Scalar = cell.Scalar,
            Jobs = cell.Jobs.OrderBy(pair => pair.Key).ToDictionary(pair => pair.Key, pair => pair.Value.Id),
            Splits = splits,
            Receipt = Receipt(cell),
        };
    }

    private SweepCell Chosen(SweepCell[] own)
    {
        var operations = resolved.Bottlenecks[own[0].Bottleneck!.Value].Interventions.Select(intervention => intervention.Operation).ToHashSet();
        var identity = operations.Contains("Scale") || !operations.Contains("Add") ? 1 : 0;
        return own[ScalarChoice.Best([.. own.Select(cell => (cell.Scalar, Against(cell, ItemSplit.Selection).Choice))], identity)];
    }

    private PairedScores Against(SweepCell cell, ItemSplit split) => new(table, _baseline, cell, split);

    private ReceiptSummary? Receipt(SweepCell cell) => cell.Bottleneck is not { } index
        ? null
        : ReceiptJudge.Judge(table, _baseline, cell, PlanExpander.At(resolved.Bottlenecks[index], cell.Scalar), plan.Precision);

    private int Diverged(SweepCell cell) => Enumerable.Range(0, table.Benchmark.Items.Count)
        .Count(item => cell.Jobs.Keys.Any(measure => table.Of(cell, measure)![item]?.Diverged == true));
}
