using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Evaluation.Statistics;

namespace Sweep.Execution.Summaries;

/// <summary>
/// A cell against its baseline on one split. The score is the primary metric of generations or of choices; where nothing is generated, the gold log-likelihood; for plain text, the
/// log-likelihood a token, over all tokens. Where rows have pairs, each is compared with its own.
/// </summary>
internal sealed class PairedScores
{
    private readonly PairedSeries _score;
    private readonly PairedSeries? _likelihood;
    private readonly PackingNoise _noise;
    private readonly bool _goldPerplexity;
    private readonly SortedDictionary<string, PairedSeries> _metrics = new(StringComparer.Ordinal);
    private readonly List<string> _diverged = [];

    public PairedScores(BenchmarkTable table, SweepCell baseline, SweepCell steered, ItemSplit split)
        : this(table, baseline, _ => steered, split)
    {
    }

    /// <param name="table">Of the benchmark.</param>
    /// <param name="baseline">Without steering.</param>
    /// <param name="steeredOf">The cell that an item is reported of; all cells measure alike.</param>
    /// <param name="split">The items.</param>
    public PairedScores(BenchmarkTable table, SweepCell baseline, Func<ResolvedItem, SweepCell> steeredOf, ItemSplit split)
    {
        Unit = table.Unit;
        _goldPerplexity = table.Benchmark.GoldPerplexity == true;
        IsBinary = Unit == ScoreUnit.Share && table.IsBinary;
        var (likelihoods, texts) = (new PairedSeries(), new PairedSeries());
        _noise = new PackingNoise(table.Benchmark.PrimaryMetric);
        foreach (var item in table.Items(split))
        {
            var group = table.Benchmark.Items[item].Group;
            var steered = steeredOf(table.Benchmark.Items[item]);
            var swapped = table.IsSwapped(group);
            ItemScore? Of(SweepCell cell, Measure measure) => table.Of(cell, measure)?[item];
            if (table.Benchmark.MetricMeasure is { } scored && Of(baseline, scored) is { } unsteered)
            {
                var after = Of(steered, scored);
                foreach (var metric in unsteered.Metrics.Keys)
                    SeriesOf(metric).Add(unsteered.MetricBeside(after, metric), after?.Metric(metric), group, table.Weight(metric, item), swapped);
            }

            var likely = Of(steered, Measure.LogLikelihood);
            likelihoods.Add(Of(baseline, Measure.LogLikelihood)?.LogLikelihoodBeside(likely), likely?.LogLikelihood, group, swapped: swapped);
            var text = Of(steered, Measure.Perplexity);
            if (Of(baseline, Measure.Perplexity) is { LogLikelihood: not null, Tokens: > 0 and var tokens } plain)
                texts.Add(plain.LogLikelihoodBeside(text) / tokens, text?.LogLikelihood / tokens, group, tokens, swapped);
            _noise.Add(
                steered.Jobs.Keys.Select(measure => (Of(baseline, measure), Of(steered, measure))).Where(pair => pair is (not null, not null)).Select(pair => (pair.Item1!, pair.Item2!)),
                table.Weight(table.Benchmark.PrimaryMetric, item),
                Unit == ScoreUnit.NatsAToken ? Of(baseline, Measure.Perplexity)?.Tokens ?? 1 : 1);
            if (steered.Jobs.Keys.Any(measure => Of(steered, measure)?.Diverged == true))
                _diverged.Add(group);
            if (steered.Jobs.Keys.All(measure => Of(baseline, measure) is not null && Of(steered, measure) is not null))
                Recorded++;
        }

        _score = Unit switch { ScoreUnit.Share => SeriesOf(table.Benchmark.PrimaryMetric), ScoreUnit.NatsAToken => texts, _ => likelihoods };
        _likelihood = table.Benchmark.Measures.Contains(Measure.LogLikelihood) ? likelihoods : null;
    }

    public ScoreUnit Unit { get; }

    public bool IsBinary { get; }

    public int N => _score.N;

    public int Groups => _score.Groups;

    public double Baseline => _score.Baseline;

    public double Steered => _score.Steered;

    public double Effect => _score.Effect;

    /// <summary>Items of which both have a row of every measure, whether or not it diverged.</summary>
    public int Recorded { get; }

    /// <summary>Steered items that diverged in any measure.</summary>
    public int Diverged => _diverged.Count;

    /// <summary>Groups with an item that diverged, or of which what is chosen by is missing: a choice that they have a part in cannot fall on this cell.</summary>
    public IEnumerable<string> Spoilt => _diverged.Concat(ChosenBy.Missing).Distinct(StringComparer.Ordinal);

    /// <summary>See <see cref="SplitScores.Flips"/>.</summary>
    public int? Flips => _noise.Flips;

    /// <summary>See <see cref="SplitScores.WithinNoise"/>.</summary>
    public bool? WithinNoise => _noise.Covers(Effect, Unit);

    /// <summary>Nats an item, over the items that did not diverge.</summary>
    public double? LogLikelihoodEffect => _likelihood is { N: > 0 } likelihood ? likelihood.Effect : null;

    /// <summary>What effects are of.</summary>
    public PairedSeries Score => _score;

    /// <summary>Another metric of the benchmark; null where it has none of this name.</summary>
    public PairedSeries? MetricSeries(string name) => _metrics.GetValueOrDefault(name);

    /// <summary>Of the gold; null where it is not measured.</summary>
    public PairedSeries? Likelihood => _likelihood;

    /// <summary>Every item is right or wrong, and its own group.</summary>
    public bool IsPairedProportion => IsBinary && _score.IsOneEach && N > 0;

    /// <summary>
    /// What scalars are chosen by: the mean gold log-likelihood where it is measured, else the score. Null, never to be chosen, where an item diverged or is missing:
    /// a mean over other items cannot be compared.
    /// </summary>
    public double? Choice => ChoiceSeries?.Steered;

    /// <summary>The series that <see cref="Choice"/> is the steered mean of.</summary>
    public PairedSeries? ChoiceSeries => Diverged == 0 && ChosenBy.IsComplete ? ChosenBy : null;

    /// <summary>The same, of those items that have it.</summary>
    public PairedSeries ChosenBy => _likelihood ?? _score;

    /// <summary>What effects are ranked by; below all others where an item diverged.</summary>
    public double RankedEffect => Diverged > 0 ? double.NegativeInfinity : Effect;

    /// <summary>The same of the gold log-likelihood.</summary>
    public double RankedLogLikelihoodEffect => Diverged > 0 ? double.NegativeInfinity : LogLikelihoodEffect ?? 0;

    /// <summary>Of plain text that did not diverge.</summary>
    public bool HasPerplexity => Unit == ScoreUnit.NatsAToken && Diverged == 0 && N > 0;

    public double? PerplexityChange => HasPerplexity ? PerplexityHarm.Of(Effect) : null;

    /// <summary>See <see cref="SummaryRow.P"/>.</summary>
    public double? P(long seed) => EffectTests.P(_score, IsBinary, seed);

    /// <summary>Sign-flip test of the effect on the gold log-likelihood.</summary>
    public double? LogLikelihoodP(long seed) => _likelihood is { } likelihood ? EffectTests.P(likelihood, isBinary: false, seed) : null;

    public (double? Low, double? High) Interval(long seed, int draws) => EffectTests.Interval(_score, Unit, IsBinary, seed, draws);

    /// <summary>Null where the score is no share.</summary>
    public double? MinimumDetectableEffect => Unit == ScoreUnit.Share ? DetectableEffect.Minimum(_score.Differences, _score.GroupNames, _score.Weights) : null;

    /// <param name="intervalSeed">Null: neither an interval nor a p that takes draws.</param>
    public SplitScores Scores(long? intervalSeed)
    {
        var (low, high) = intervalSeed is { } seed ? Interval(seed, EffectTests.CellDraws) : (null, null);
        (double Low, double High)? wilson = IsBinary && N > 0 ? PairedTests.Wilson(_score.Right, N) : null;
        return new SplitScores
        {
            N = N,
            Groups = Groups,
            Baseline = Baseline,
            Steered = Steered,
            SteeredLow = wilson?.Low,
            SteeredHigh = wilson?.High,
            Effect = Effect,
            EffectLow = low,
            EffectHigh = high,
            P = IsBinary || intervalSeed is not null ? P(intervalSeed ?? 0) : null,
            RightToWrong = IsBinary ? _score.RightToWrong : null,
            WrongToRight = IsBinary ? _score.WrongToRight : null,
            LogLikelihoodEffect = LogLikelihoodEffect,
            Perplexity = HasPerplexity ? Finite(Math.Exp(-Steered)) : _goldPerplexity && Diverged == 0 && _likelihood is { N: > 0 } golds ? Finite(Math.Exp(-golds.Steered)) : null,
            PerplexityChange = PerplexityChange,
            Metrics = Unit == ScoreUnit.Share && N > 0
                ? new SortedDictionary<string, double>(_metrics.ToDictionary(pair => pair.Key, pair => pair.Value.Steered), StringComparer.Ordinal)
                : null,
            Diverged = Diverged,
            Flips = Flips,
            PackingNoise = _noise.LogLikelihood,
            WithinNoise = WithinNoise,
        };
    }

    private PairedSeries SeriesOf(string name) => _metrics.TryGetValue(name, out var series) ? series : _metrics[name] = new PairedSeries();

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
