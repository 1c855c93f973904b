using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Execution.Summaries;

/// <summary>
/// A cell against its baseline on one split: items that both have, in item order, so that sums are the same everywhere. The score is the primary
/// metric of generations; where nothing is generated, the log-likelihood; for plain text, log-likelihood a token.
/// </summary>
internal sealed class PairedScores
{
    private readonly List<double> _baseline = [];
    private readonly List<double> _steered = [];
    private readonly List<double> _differences = [];
    private readonly List<string> _groups = [];

    public PairedScores(BenchmarkTable table, SweepCell baseline, SweepCell steered, ItemSplit split)
    {
        IsText = table.Benchmark.Measures.Contains(Measure.Perplexity);
        HasMetric = table.Benchmark.Measures.Contains(Measure.Generation);
        IsBinary = HasMetric && table.IsBinary;
        var metrics = Pair(Measure.Generation);
        var likelihoods = Pair(Measure.LogLikelihood);
        var texts = Pair(Measure.Perplexity);
        var likelihoodSum = 0.0;
        var likelihoodCount = 0;
        var likelihoodOfSteered = 0.0;
        double textBaseline = 0, textSteered = 0, textTokens = 0;
        foreach (var item in table.Items(split))
        {
            var group = table.Benchmark.Items[item].Group;
            if (At(metrics, item) is var (before, after) && before.Metric is { } right && after.Metric is { } now)
                Add(right, now, group);
            if (At(likelihoods, item) is var (unsteered, moved))
            {
                LogLikelihoodDiverged |= moved.LogLikelihood is null;
                if (unsteered.LogLikelihood is { } from && moved.LogLikelihood is { } to)
                {
                    likelihoodSum += to - from;
                    likelihoodOfSteered += to;
                    likelihoodCount++;
                    if (!HasMetric)
                        Add(from, to, group);
                }
            }

            if (At(texts, item) is var (plain, changed))
            {
                LogLikelihoodDiverged |= changed.LogLikelihood is null;
                if (plain.LogLikelihood is { } of && changed.LogLikelihood is { } with && plain.Tokens is > 0 and var tokens)
                {
                    textBaseline += of;
                    textSteered += with;
                    textTokens += tokens;
                    Add(of / tokens, with / tokens, group);
                }
            }
        }

        LogLikelihoodEffect = likelihoodCount > 0 ? likelihoodSum / likelihoodCount : null;
        MeanLogLikelihood = likelihoodCount > 0 ? likelihoodOfSteered / likelihoodCount : null;
        if (textTokens > 0 && !LogLikelihoodDiverged)
        {
            Perplexity = Math.Exp(-textSteered / textTokens);
            PerplexityChange = Math.Exp((textBaseline - textSteered) / textTokens) - 1;
        }

        (JobScores Before, JobScores After)? Pair(Measure measure) =>
            table.Of(baseline, measure) is { } before && table.Of(steered, measure) is { } after ? (before, after) : null;

        static (ItemScore Before, ItemScore After)? At((JobScores Before, JobScores After)? pair, int item) =>
            pair is var (before, after) && before[item] is { } one && after[item] is { } other ? (one, other) : null;

        void Add(double before, double after, string group)
        {
            _baseline.Add(before);
            _steered.Add(after);
            _differences.Add(after - before);
            _groups.Add(group);
        }
    }

    public bool IsText { get; }

    public bool HasMetric { get; }

    public bool IsBinary { get; }

    public int N => _differences.Count;

    public int Groups => _groups.Distinct(StringComparer.Ordinal).Count();

    public double Baseline => Mean(_baseline);

    public double Steered => Mean(_steered);

    public double Effect => Mean(_differences);

    public int RightToWrong => _differences.Count(difference => difference < 0);

    public int WrongToRight => _differences.Count(difference => difference > 0);

    /// <summary>Nats an item, over the items that did not diverge.</summary>
    public double? LogLikelihoodEffect { get; }

    /// <summary>Of the steered rows, nats an item.</summary>
    public double? MeanLogLikelihood { get; }

    /// <summary>A steered item has no log-likelihood.</summary>
    public bool LogLikelihoodDiverged { get; private set; }

    public double? Perplexity { get; }

    public double? PerplexityChange { get; }

    /// <summary>
    /// What effects are ranked by: the mean effect on the gold log-likelihood where there is one, else on the metric; below all others where an item diverged.
    /// </summary>
    public double Rank => LogLikelihoodDiverged ? double.NegativeInfinity : LogLikelihoodEffect ?? Effect;

    /// <summary>What scalars are chosen by, the same way; null where an item diverged.</summary>
    public double? Choice => LogLikelihoodDiverged ? null : MeanLogLikelihood ?? Steered;

    public (double Low, double High) Interval(IPairedStatistics statistics, long seed) =>
        N == 0 ? (0, 0) : statistics.Interval(_differences, _groups, seed);

    public double MinimumDetectableEffect(IPairedStatistics statistics) => N == 0 ? 1 : statistics.MinimumDetectableEffect(_differences, Baseline);

    public SplitScores Scores(IPairedStatistics statistics, long? intervalSeed)
    {
        (double Low, double High)? interval = intervalSeed is { } seed && N > 0 ? Interval(statistics, seed) : null;
        return new SplitScores
        {
            N = N,
            Baseline = Baseline,
            Steered = Steered,
            Effect = Effect,
            EffectLow = interval?.Low,
            EffectHigh = interval?.High,
            P = IsBinary ? statistics.McNemar(RightToWrong, WrongToRight) : null,
            RightToWrong = IsBinary ? RightToWrong : null,
            WrongToRight = IsBinary ? WrongToRight : null,
            LogLikelihoodEffect = LogLikelihoodEffect,
            Perplexity = Perplexity is { } value && double.IsFinite(value) ? value : null,
        };
    }

    private static double Mean(List<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value;
        return values.Count == 0 ? 0 : sum / values.Count;
    }
}
