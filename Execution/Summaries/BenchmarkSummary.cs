using Sweep.Contracts.Jobs;
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
    private readonly SmallestEffectPlan _smallest;
    private readonly Dictionary<int, Candidate[]> _byBottleneck;
    private readonly Dictionary<int, FoldedChoice>? _folded;
    private readonly ILookup<string, int> _controls;

    /// <param name="cells">The baseline first, then every bottleneck and control at every scalar, in plan order.</param>
    public BenchmarkSummary(SweepPlan plan, ResolvedPlan resolved, BenchmarkTable table, IReadOnlyList<SweepCell> cells)
    {
        (_plan, _resolved, _table, _cells) = (plan, resolved, table, cells);
        _smallest = plan.SmallestEffect ?? new SmallestEffectPlan();
        _model = resolved.Models[cells[0].Model];
        _byBottleneck = cells.Where(cell => cell.Bottleneck is not null)
            .Select(cell => new Candidate(cell, Against(cell, ItemSplit.Selection).Choice, Standing.Of(Against(cell, ItemSplit.Test))))
            .GroupBy(candidate => candidate.Cell.Bottleneck!.Value)
            .ToDictionary(group => group.Key, group => group.ToArray());
        if (table.Benchmark.Items.Any(item => item.Fold is not null))
            _folded = _byBottleneck.ToDictionary(pair => pair.Key, pair => new FoldedChoice(table, cells[0], pair.Value.Select(candidate => candidate.Cell), Identity(pair.Value)));
        _controls = _byBottleneck.Keys.Order().Where(index => resolved.Bottlenecks[index].Role == BottleneckRole.Control)
            .ToLookup(index => resolved.Bottlenecks[index].Name, StringComparer.Ordinal);
    }

    /// <summary>Plain text: it has no row of its own.</summary>
    public bool IsText => _table.Benchmark.Measures.Contains(Measure.Perplexity);

    public IEnumerable<OpenCell> Cells() => _cells.Select(Cell);

    /// <summary>What scalars of a bottleneck do to a text benchmark's perplexity, on the test split.</summary>
    public PerplexityHarm PerplexityAt(int bottleneck, IReadOnlyList<(double? Scalar, double Share)> scalars) => PerplexityHarm.Of(
        [.. scalars.Select(one => (Against(_byBottleneck[bottleneck].Single(candidate => candidate.Cell.Scalar == one.Scalar).Cell, ItemSplit.Test), one.Share))], _plan.Seed);

    public IEnumerable<OpenRow> Rows(BenchmarkSummary? text)
    {
        foreach (var (index, own) in _byBottleneck.OrderBy(pair => pair.Key))
        {
            if (_resolved.Bottlenecks[index].Role == BottleneckRole.Bottleneck)
                yield return Row(index, own, text?.PerplexityAt(index, Folded(index)?.Shares() ?? [(Chosen(own).Cell.Scalar, 1)]));
        }
    }

    /// <summary>What each bottleneck and control chooses, for a later stage to keep to.</summary>
    public IEnumerable<(int Bottleneck, FrozenChoice Choice)> Choices()
    {
        foreach (var (index, own) in _byBottleneck.OrderBy(pair => pair.Key))
        {
            var chosen = Chosen(own).Cell;
            yield return (index, new FrozenChoice
            {
                Benchmark = chosen.Benchmark,
                Scalar = chosen.Scalar,
                SelectionItems = Against(chosen, ItemSplit.Selection).N,
                Tried = own.Length,
                Diverged = own.Sum(candidate => Diverged(candidate.Cell)),
                Gain = _resolved.Bottlenecks[index].Role == BottleneckRole.Bottleneck ? Gain(own) : null,
            });
        }
    }

    /// <summary>The same with all that they choose from.</summary>
    public IEnumerable<(int Bottleneck, SetStandings Standings)> Standings()
    {
        foreach (var (index, own) in _byBottleneck.OrderBy(pair => pair.Key))
            yield return (index, new SetStandings { Benchmark = own[0].Cell.Benchmark, BestFirst = [.. BestFirst(own).Select(Standing)] });

        ScalarStanding Standing(Candidate candidate)
        {
            var selection = Against(candidate.Cell, ItemSplit.Selection);
            var error = selection.ChoiceSeries is not { } series ? double.PositiveInfinity
                : ChoiceUnit == ScoreUnit.Share ? PairedError.Of(series.Differences, series.GroupNames, series.Weights)
                : PairedError.OfNumbers(series.Differences, series.GroupNames, series.Weights);
            return new ScalarStanding
            {
                Scalar = candidate.Cell.Scalar,
                IsIdentity = IsBaseline(candidate.Cell),
                Items = _table.Items(ItemSplit.Selection).Count(),
                Effect = selection.ChoiceSeries?.Effect,
                Error = double.IsFinite(error) ? error : null,
                Diverged = Diverged(candidate.Cell),
            };
        }
    }

    private OpenRow Row(int index, Candidate[] own, PerplexityHarm? perplexity)
    {
        var bottleneck = _resolved.Bottlenecks[index];
        var chosen = Chosen(own);
        var frozen = Frozen(own);
        var folded = Folded(index);
        var test = folded?.Scores ?? Against(chosen.Cell, ItemSplit.Test);
        var tests = new RowTests(test, _plan.Seed, folded, _table.Benchmark.Name);
        var (low, high) = tests.Interval(EffectTests.RowDraws);
        var margin = test.Unit == ScoreUnit.Share ? _smallest.Points / 100 : _smallest.Nats;
        var controls = new ControlRanks(chosen.Test, [.. _controls[bottleneck.Name].Select(control => (Kind(control), _resolved.Bottlenecks[control].ControlIndex ?? 0, Chosen(_byBottleneck[control]).Test))]);
        var random = controls.Of(ControlKind.Random);
        var row = new SummaryRow
        {
            Model = _model.Name,
            Benchmark = _table.Benchmark.Name,
            Bottleneck = bottleneck.Name,
            Recipe = bottleneck.Recipe,
            Metric = _table.Metric,
            Unit = test.Unit,
            SelectionItems = folded?.SelectionItems ?? frozen?.SelectionItems ?? Against(chosen.Cell, ItemSplit.Selection).N,
            TestItems = test.N,
            TestGroups = test.Groups,
            Scalar = chosen.Cell.Scalar,
            Baseline = test.Baseline,
            Steered = test.Steered,
            Effect = test.Effect,
            EffectLow = low,
            EffectHigh = high,
            P = tests.P,
            McNemarP = tests.McNemarP,
            EquivalentP = tests.EquivalentP(margin),
            NotWorseP = tests.NotWorseP(margin),
            Selection = folded is not null ? folded.Gain(ChoiceUnit) : frozen is null ? Gain(own) : frozen.Gain,
            Tried = frozen?.Tried,
            Trials = frozen?.Trials,
            LogLikelihoodEffect = test.LogLikelihoodEffect,
            LogLikelihoodP = tests.LogLikelihoodP,
            Reshuffling = tests.IsReshuffling,
            ControlRank = random?.Rank,
            ScoreControlRank = random?.ScoreRank,
            Controls = random?.Sets ?? 0,
            ControlP = random?.P,
            ScoreControlP = random?.ScoreP,
            Comparisons = [.. controls.All()],
            PerplexityChange = perplexity?.Change,
            PerplexityLow = perplexity?.Low,
            PerplexityHigh = perplexity?.High,
            MinimumDetectableEffect = tests.MinimumDetectableEffect,
            TooFewItems = test.Groups < 2 || tests.MinimumDetectableEffect > LargestDetectable,
            Diverged = (frozen?.Diverged ?? 0) + own.Sum(candidate => Diverged(candidate.Cell)),
            Flips = test.Flips,
            WithinNoise = test.WithinNoise,
            Receipt = folded is null ? Receipt(chosen.Cell) : ReceiptJudge.Together([.. folded.AllChosen.Select(Receipt).OfType<ReceiptSummary>()]),
            CrossFit = folded is null ? null : new CrossFitResult { Folds = folded.Folds(), Agreeing = folded.Agreeing, Widening = tests.Widening, Scores = test.Scores(intervalSeed: null) with { P = null } },
        };
        return new OpenRow
        {
            Row = row,
            Test = test,
            Folded = folded,
            At = scalar => own.FirstOrDefault(candidate => candidate.Cell.Scalar == scalar) is { } other ? Against(other.Cell, ItemSplit.Test) : null,
            Member = Member(test),
            FoldedMember = tests.Member,
            IsBaseline = folded?.AllChosen.All(IsBaseline) ?? IsBaseline(chosen.Cell),
            Error = tests.Error,
            RankedEffect = chosen.Test.Primary,
            ControlEffects = controls.Effects(ControlKind.Random),
        };
    }

    private OpenCell Cell(SweepCell cell)
    {
        var bottleneck = cell.Bottleneck is { } index ? _resolved.Bottlenecks[index] : null;
        var isAsked = bottleneck is { Role: BottleneckRole.Bottleneck };
        var splits = new SortedDictionary<string, SplitScores>(StringComparer.Ordinal);
        foreach (var (split, name) in Splits)
        {
            // Controls are ranked; only what the plan asks about gets an interval, which is thousands of draws.
            if ((split == ItemSplit.Test || (split == ItemSplit.Selection && _folded is null)) || _table.Items(split).Any())
                splits[name] = Against(cell, split).Scores(isAsked && split == ItemSplit.Test ? _plan.Seed : null);
        }

        // After an earlier stage's choices, and in a round, the controls stand at other scalars.
        var random = isAsked && bottleneck is { Choices: null, Round: null } ? AtItsScalar(cell) : null;
        var test = isAsked ? Against(cell, ItemSplit.Test) : null;
        var summary = new SummaryCell
        {
            Model = _model.Name,
            Benchmark = _table.Benchmark.Name,
            Bottleneck = bottleneck?.Name ?? "baseline",
            ControlKind = bottleneck is { Role: BottleneckRole.Control } ? Kind(cell.Bottleneck!.Value) : null,
            ControlIndex = bottleneck?.ControlIndex,
            Scalar = cell.Scalar,
            Metric = _table.Metric,
            Unit = _table.Unit,
            Jobs = cell.Jobs.OrderBy(pair => pair.Key).ToDictionary(pair => pair.Key, pair => pair.Value.Id),
            Splits = splits,
            ControlRank = random?.Rank,
            ControlP = random?.P,
            Controls = random?.Sets ?? 0,
            Reshuffling = test is not null && new RowTests(test, _plan.Seed, folded: null, _table.Benchmark.Name).IsReshuffling,
            Receipt = Receipt(cell),
        };
        return new OpenCell(summary, test is not null && !IsBaseline(cell) && test.Unit != ScoreUnit.NatsAToken ? Member(test) : null);
    }

    /// <summary>Among the random controls at the same scalar.</summary>
    private ControlComparison? AtItsScalar(SweepCell cell)
    {
        var index = cell.Bottleneck!.Value;
        Standing At(int which) => _byBottleneck[which].Single(candidate => candidate.Cell.Scalar == cell.Scalar).Test;
        return new ControlRanks(
            At(index),
            [.. _controls[_resolved.Bottlenecks[index].Name].Where(control => Kind(control) == ControlKind.Random).Select(control => (ControlKind.Random, _resolved.Bottlenecks[control].ControlIndex ?? 0, At(control)))])
            .Of(ControlKind.Random);
    }

    private ControlKind Kind(int control) => _resolved.Bottlenecks[control].Kind ?? ControlKind.Random;

    /// <summary>What the choice among a bottleneck's scalars seemed to gain on the selection split; of equal ones the nearest to the identity is the winner, as it is chosen.</summary>
    private SelectionGain? Gain(Candidate[] own)
    {
        var identity = Identity(own);
        var series = own.OrderBy(candidate => Math.Abs((candidate.Cell.Scalar ?? identity) - identity)).ThenBy(candidate => candidate.Cell.Scalar)
            .Select(candidate => Against(candidate.Cell, ItemSplit.Selection).ChoiceSeries).OfType<PairedSeries>().ToArray();

        // Only what was compared on the same items was compared.
        if (series.Length == 0 || series.Any(one => one.N != series[0].N))
            return null;
        var winner = CrossFittedWinner.Of([.. series.Select(one => one.Differences)], series[0].GroupNames, _plan.Seed, series[0].Weights);
        return new SelectionGain
        {
            Unit = ChoiceUnit,
            Raw = winner.Raw,
            Corrected = winner.Corrected,
        };
    }

    /// <summary>Of what is chosen by.</summary>
    private ScoreUnit ChoiceUnit => _table.Benchmark.Measures.Contains(Measure.LogLikelihood) ? ScoreUnit.NatsAnItem : _table.Unit;

    /// <summary>Its signs are shared by all rows of the benchmark, of all models: they have its items in common.</summary>
    private FamilyMember? Member(PairedScores test) => test.N == 0
        ? null
        : new FamilyMember { Block = _table.Benchmark.Name, Differences = test.Score.Differences, Groups = test.Score.GroupNames, Weights = test.Score.Weights };

    private bool IsBaseline(SweepCell cell) => cell.Bottleneck is { } index && PlanExpander.At(_resolved.Bottlenecks[index], cell.Scalar).Count == 0;

    /// <summary>What an earlier stage chose; null: the choice is made here.</summary>
    private FrozenChoice? Frozen(Candidate[] own) => _resolved.Bottlenecks[own[0].Cell.Bottleneck!.Value].ChoiceOn(own[0].Cell.Benchmark);

    /// <summary>Null: the benchmark is not cross-fitted.</summary>
    private FoldedChoice? Folded(int index) => _folded?[index];

    /// <summary>The candidate at the chosen scalar, or at that of most folds: then with the standing of all folds at their own.</summary>
    private Candidate Chosen(Candidate[] own) => Folded(own[0].Cell.Bottleneck!.Value) is { } folded
        ? new Candidate(folded.Chosen, null, Standing.Of(folded.Scores))
        : Frozen(own) is { } frozen
        ? own.Single(candidate => candidate.Cell.Scalar == frozen.Scalar)
        : BestFirst(own).First();

    private IEnumerable<Candidate> BestFirst(Candidate[] own) =>
        ScalarChoice.BestFirst([.. own.Select(candidate => (candidate.Cell.Scalar, candidate.Choice))], Identity(own)).Select(index => own[index]);

    private double Identity(Candidate[] own)
    {
        var operations = _resolved.Bottlenecks[own[0].Cell.Bottleneck!.Value].Interventions.Select(intervention => intervention.Operation).ToHashSet();
        return operations.Contains("Scale") || !operations.Contains("Add") ? 1 : 0;
    }

    private PairedScores Against(SweepCell cell, ItemSplit split) => new(_table, _cells[0], cell, split);

    private ReceiptSummary? Receipt(SweepCell cell) => cell.Bottleneck is not { } index
        ? null
        : ReceiptJudge.Judge(_table, _cells[0], cell, PlanExpander.At(_resolved.Bottlenecks[index], cell.Scalar), _plan.Precision);

    private int Diverged(SweepCell cell) => Enumerable.Range(0, _table.Benchmark.Items.Count)
        .Count(item => cell.Jobs.Keys.Any(measure => _table.Of(cell, measure)![item]?.Diverged == true));

    /// <summary>What a cell brings to choices and ranks.</summary>
    private sealed record Candidate(SweepCell Cell, double? Choice, Standing Test);
}
