using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Evaluation.Statistics;

namespace Sweep.Execution.Summaries;

/// <summary>A bottleneck or a control on a benchmark that is cross-fitted: every fold is reported at the scalar that is best on the items of the others.</summary>
internal sealed class FoldedChoice
{
    private readonly BenchmarkTable _table;
    private readonly SweepCell _baseline;
    private readonly SweepCell[] _cells;
    private readonly Dictionary<string, int> _index;
    private readonly int[] _chosen;

    /// <param name="table">Of the benchmark.</param>
    /// <param name="baseline">Without steering.</param>
    /// <param name="cells">The set at each of its scalars.</param>
    /// <param name="identity">Of equal ones the scalar nearest to it is chosen, then the smaller.</param>
    public FoldedChoice(BenchmarkTable table, SweepCell baseline, IEnumerable<SweepCell> cells, double identity)
    {
        (_table, _baseline) = (table, baseline);
        _cells = [.. cells.OrderBy(cell => Math.Abs((cell.Scalar ?? identity) - identity)).ThenBy(cell => cell.Scalar)];
        var folds = table.Items(ItemSplit.Test).Select(item => table.Benchmark.Items[item]).DistinctBy(item => item.Group, StringComparer.Ordinal)
            .OrderBy(item => item.Group, StringComparer.Ordinal).Select(item => (item.Group, Fold: item.Fold ?? 0)).ToArray();
        Groups = [.. folds.Select(pair => pair.Group)];
        _index = Groups.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        var scores = _cells.Select(At).ToArray();
        Choice = new CrossFit(
            Groups,
            [.. folds.Select(pair => pair.Fold)],
            [.. scores.Select(one => SumsOf(one.ChosenBy))],
            [.. scores.Select(one => one.Spoilt.ToHashSet(StringComparer.Ordinal)).Select(spoilt => Groups.Select(spoilt.Contains).ToArray())]);
        _chosen = Choice.Choose();
        Scores = new PairedScores(table, baseline, item => _cells[_chosen[item.Fold ?? 0]], ItemSplit.Test);
        Chosen = _cells[_chosen.GroupBy(one => one).OrderByDescending(ofOne => ofOne.Count()).ThenBy(ofOne => ofOne.Key).First().Key];
        Agreeing = _chosen.Count(one => _cells[one] == Chosen);
    }

    /// <summary>All, in the order of <see cref="Choice"/>.</summary>
    public IReadOnlyList<string> Groups { get; }

    public CrossFit Choice { get; }

    /// <summary>Every item at the scalar of its fold.</summary>
    public PairedScores Scores { get; }

    /// <summary>The cell that most folds chose; of equally many the one nearest to the identity.</summary>
    public SweepCell Chosen { get; }

    /// <summary>Folds that chose it.</summary>
    public int Agreeing { get; }

    /// <summary>Distinct cells that some fold chose.</summary>
    public IEnumerable<SweepCell> AllChosen => _chosen.Distinct().Order().Select(one => _cells[one]);

    /// <summary>Scalars with the share of the items that are reported at them.</summary>
    public IReadOnlyList<(double? Scalar, double Share)> Shares()
    {
        var items = _table.Items(ItemSplit.Test).Select(item => _cells[_chosen[_table.Benchmark.Items[item].Fold ?? 0]].Scalar).ToArray();
        return [.. AllChosen.Select(cell => (cell.Scalar, items.Count(scalar => scalar == cell.Scalar) / (double)items.Length))];
    }

    /// <summary>Fewest items that a fold was chosen for on.</summary>
    public int SelectionItems => Folds().Min(fold => fold.SelectionItems);

    public IReadOnlyList<FoldScalar> Folds()
    {
        var items = _table.Items(ItemSplit.Test).Select(item => _table.Benchmark.Items[item]).ToArray();
        return [.. _chosen.Select((one, fold) =>
        {
            var own = items.Where(item => item.Fold == fold).ToArray();
            return new FoldScalar { Scalar = _cells[one].Scalar, SelectionItems = items.Length - own.Length, TestItems = own.Length, TestGroups = own.Select(item => item.Group).Distinct(StringComparer.Ordinal).Count() };
        })];
    }

    /// <summary>What the choices seemed to gain where they were made, the mean over folds, and what they gain on their own folds. Null where not all of it is measured.</summary>
    public SelectionGain? Gain(ScoreUnit unit)
    {
        if (Scores.ChoiceSeries is not { } own)
            return null;
        return new SelectionGain { Unit = unit, Raw = _chosen.Select((one, fold) => MeanOfOthers(At(_cells[one]).ChosenBy, fold)).Average(), Corrected = own.Effect };
    }

    /// <summary>The choice with what it is worth by a statistic; null where a cell does not have it.</summary>
    public CrossFittedPart? Part(Func<PairedScores, PairedSeries?> statistic)
    {
        PairedSeries?[] series = [.. _cells.Select(cell => statistic(At(cell)))];
        return series.Any(one => one is null) ? null : new CrossFittedPart(Choice, [.. series.Select(one => SumsOf(one!))]);
    }

    /// <summary>The same at a scalar that was not chosen here.</summary>
    public CrossFittedPart? Part(double scalar, Func<PairedScores, PairedSeries?> statistic)
    {
        if (_cells.FirstOrDefault(cell => cell.Scalar == scalar) is not { } cell || statistic(At(cell)) is not { } series)
            return null;
        double[][] sums = [SumsOf(series)];
        return new CrossFittedPart(new CrossFit(Groups, Choice.FoldOf, sums), sums);
    }

    private PairedScores At(SweepCell cell) => new(_table, _baseline, cell, ItemSplit.Test);

    private double[] SumsOf(PairedSeries series)
    {
        var sums = new double[Groups.Count];
        for (var i = 0; i < series.N; i++)
            sums[_index[series.GroupNames[i]]] += series.Weights[i] * series.Differences[i];
        return sums;
    }

    /// <summary>Of the items that a fold was chosen on.</summary>
    private double MeanOfOthers(PairedSeries series, int fold)
    {
        double sum = 0, weight = 0;
        for (var i = 0; i < series.N; i++)
        {
            if (Choice.FoldOf[_index[series.GroupNames[i]]] == fold)
                continue;
            sum += series.Weights[i] * series.Differences[i];
            weight += series.Weights[i];
        }

        return sum / weight;
    }
}
