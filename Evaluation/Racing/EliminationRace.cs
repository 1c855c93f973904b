namespace Sweep.Evaluation.Racing;

/// <summary>
/// A race on a binary metric that drops a configuration only when its effect is below another's with confidence (Maron and Moore 1994), by sequences that hold at all times and
/// for all declared configurations at once: with probability ≥ 1 − α the best is never dropped. Nothing else is saved by it: where effects are small beside what so many
/// items can tell, it runs nearly everything.
/// </summary>
public sealed class EliminationRace
{
    private readonly double _alpha;
    private readonly int[] _gained;
    private readonly int[] _lost;
    private readonly int[] _items;
    private int[] _running;

    /// <param name="configurations">That were declared, at least 1.</param>
    /// <param name="alpha">That the best is dropped, in (0, 1).</param>
    public EliminationRace(int configurations, double alpha)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(configurations, 1);
        if (!(alpha > 0 && alpha < 1))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "expected above 0 and below 1");
        _alpha = alpha / configurations;
        _running = [.. Enumerable.Range(0, configurations)];
        (_gained, _lost, _items) = (new int[configurations], new int[configurations], new int[configurations]);
    }

    /// <summary>Configurations that are still in, ascending; never none.</summary>
    public IReadOnlyList<int> Running => _running;

    /// <summary>The running configuration with the largest mean effect; of equal ones the first.</summary>
    public int Leader => _running.MaxBy(one => (_gained[one] - _lost[one]) / (double)Math.Max(1, _items[one]));

    /// <summary>Bounds of a configuration's mean effect as they are now.</summary>
    public (double Low, double High) Bounds(int configuration) => DiscordantSequence.Of(_gained[configuration], _lost[configuration], _items[configuration], _alpha);

    /// <summary>Adds a look: what each running configuration, in their order, gained and lost on further items.</summary>
    /// <exception cref="ArgumentException">Not one pair a running configuration.</exception>
    public void Look(IReadOnlyList<(int Gained, int Lost)> counts, int items)
    {
        if (counts.Count != _running.Length)
            throw new ArgumentException($"found {counts.Count} counts of {_running.Length} running configurations", nameof(counts));
        for (var i = 0; i < _running.Length; i++)
        {
            _gained[_running[i]] += counts[i].Gained;
            _lost[_running[i]] += counts[i].Lost;
            _items[_running[i]] += items;
        }

        var bounds = _running.Select(Bounds).ToArray();
        var best = bounds.Max(bound => bound.Low);
        _running = [.. _running.Where((_, i) => bounds[i].High >= best)];
    }
}
