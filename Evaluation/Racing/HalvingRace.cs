namespace Sweep.Evaluation.Racing;

/// <summary>
/// A race on the selection split: configurations run on the same items in the same order, and after each round the better half stays. To drop one is to give it no more
/// time, never a finding; what is found is found on the test split, with the winner frozen.
/// </summary>
public sealed class HalvingRace
{
    private readonly IReadOnlyList<HalvingRound> _rounds;
    private readonly double[] _sums;
    private readonly int[] _items;
    private int[] _running;
    private int _round;

    /// <param name="rounds">Not empty, as <see cref="HalvingSchedule"/> makes them.</param>
    public HalvingRace(IReadOnlyList<HalvingRound> rounds)
    {
        if (rounds.Count == 0)
            throw new ArgumentException("found no rounds, expected at least one", nameof(rounds));
        _rounds = rounds;
        _running = [.. Enumerable.Range(0, rounds[0].Configurations)];
        _sums = new double[_running.Length];
        _items = new int[_running.Length];
    }

    /// <summary>Configurations that are still in, ascending.</summary>
    public IReadOnlyList<int> Running => _running;

    /// <summary>Items [first, end) of the common order that every running configuration is to be run on now; empty: the race is over.</summary>
    public Range Items => IsOver ? new Range(0, 0) : new Range(_round == 0 ? 0 : _rounds[_round - 1].Items, _rounds[_round].Items);

    public bool IsOver => _round == _rounds.Count;

    /// <summary>The configuration with the largest mean effect of those that were run on all items, once the race is over; of equal ones the first.</summary>
    public int? Winner => IsOver ? _running.MaxBy(Mean) : null;

    /// <summary>Mean effect over the items that a configuration was run on: every one tried is known to the family.</summary>
    public double Mean(int configuration) => _items[configuration] == 0 ? 0 : _sums[configuration] / _items[configuration];

    /// <summary>Items a configuration was run on.</summary>
    public int ItemsOf(int configuration) => _items[configuration];

    /// <summary>Ends the round with the sum of the effects of each running configuration, in their order, over <see cref="Items"/>.</summary>
    /// <exception cref="ArgumentException">Not one sum a running configuration.</exception>
    /// <exception cref="InvalidOperationException">The race is over.</exception>
    public void EndRound(IReadOnlyList<double> effects)
    {
        if (IsOver)
            throw new InvalidOperationException("the race is over");
        if (effects.Count != _running.Length)
            throw new ArgumentException($"found {effects.Count} sums of {_running.Length} running configurations", nameof(effects));
        for (var i = 0; i < _running.Length; i++)
        {
            _sums[_running[i]] += effects[i];
            _items[_running[i]] = _rounds[_round].Items;
        }

        if (++_round < _rounds.Count)
            _running = [.. _running.OrderByDescending(Mean).ThenBy(one => one).Take(_rounds[_round].Configurations).Order()];
    }
}
