using Sweep.Contracts.Results;

namespace Sweep.Execution.Summaries;

/// <summary>How far the unsteered rows beside steered ones are from the recorded baselines of the same items: what packing does to scores by itself.</summary>
/// <param name="metric">The benchmark's primary metric.</param>
internal sealed class PackingNoise(string metric)
{
    private double _moved;
    private double _weight;
    private int _items;
    private int _flips;
    private double? _logLikelihood;

    /// <summary>Null where no row has a pair.</summary>
    public int? Flips => _items > 0 ? _flips : null;

    /// <summary>Largest difference; null where no pair has a log-likelihood.</summary>
    public double? LogLikelihood => _logLikelihood;

    /// <summary>One item, with its rows of every measure; <paramref name="pairs"/> of a recorded baseline and the steered row that has the pair.</summary>
    /// <param name="pairs">Baseline and steered rows.</param>
    /// <param name="weight">What the item counts in the mean of the metric.</param>
    /// <param name="tokens">What a log-likelihood is divided by.</param>
    public void Add(IEnumerable<(ItemScore Baseline, ItemScore Steered)> pairs, double weight, double tokens)
    {
        var (hasPair, flipped) = (false, false);
        foreach (var (baseline, steered) in pairs)
        {
            if (steered.Pair is not { } pair)
                continue;
            hasPair = true;
            if (baseline.Metric(metric) is { } recorded && baseline.MetricBeside(steered, metric) is { } beside)
            {
                flipped |= beside != recorded;
                _moved += weight * Math.Abs(beside - recorded);
                _weight += weight;
            }

            flipped |= (pair.LogLikelihood is null) != (baseline.LogLikelihood is null);
            if (pair.LogLikelihood - baseline.LogLikelihood is { } difference)
                _logLikelihood = Math.Max(_logLikelihood ?? 0, Math.Abs(difference) / tokens);
        }

        _items += hasPair ? 1 : 0;
        _flips += flipped ? 1 : 0;
    }

    /// <summary>An effect that packing alone might make; null where no row has a pair. Where packing moved nothing, nothing is within its noise.</summary>
    public bool? Covers(double effect, ScoreUnit unit)
    {
        if (_items == 0)
            return null;
        var noise = unit != ScoreUnit.Share ? _logLikelihood ?? 0 : _weight > 0 ? _moved / _weight : 0;
        return noise > 0 && Math.Abs(effect) <= noise;
    }
}
